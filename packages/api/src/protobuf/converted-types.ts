/** Messages that JSON writes as a text, as a number, or as JSON of their own: times, ports, sets of fields. */
import { kept, message, type ConvertedType, type Fields } from './message.ts';

/** Years 1 to 9999 are what RFC 3339 can write, in seconds since 1970. The first second is Go's zero time. */
const SECONDS_MIN = -62_135_596_800;
const SECONDS_MAX = 253_402_300_799;

const NANOS_MAX = 999_999_999;

/** `2026-11-30T10:18:27`, without the fraction. */
const WHOLE_SECONDS_LENGTH = 19;

interface Timestamp {
  readonly seconds?: number;
  readonly nanos?: number;
}

/** Text of a time: RFC 3339 in UTC with so many digits of the second; no time at all is null, as in JSON. */
function timeText(fields: Fields, digits: number, refuse: (why: string) => Error): string | null {
  if (Object.keys(fields).length === 0) return null;
  const { seconds = 0, nanos = 0 } = fields as Timestamp;
  if (seconds < SECONDS_MIN || seconds > SECONDS_MAX || nanos < 0 || nanos > NANOS_MAX) {
    throw refuse('the time is not within the years 1 to 9999');
  }
  const fraction = String(nanos).padStart(9, '0').slice(0, digits);
  if (seconds === SECONDS_MIN && Number(fraction) === 0) return null;
  const whole = new Date(seconds * 1000).toISOString().slice(0, WHOLE_SECONDS_LENGTH);
  return digits === 0 ? `${whole}Z` : `${whole}.${fraction}Z`;
}

const TIMESTAMP = message('Timestamp', { 1: kept('seconds', 'int64'), 2: kept('nanos', 'int32') });

/** A time in seconds. */
export const TIME: ConvertedType = {
  message: TIMESTAMP,
  convert: (fields, refuse) => timeText(fields, 0, refuse),
};

/** A time in microseconds. */
export const MICRO_TIME: ConvertedType = {
  message: TIMESTAMP,
  convert: (fields, refuse) => timeText(fields, 6, refuse),
};

interface IntOrString {
  readonly type?: number;
  readonly intVal?: number;
  readonly strVal?: string;
}

/** A number or a name, such as a port. */
export const INT_OR_STRING: ConvertedType = {
  message: message('IntOrString', {
    1: kept('type', 'int64'),
    2: kept('intVal', 'int32'),
    3: kept('strVal', 'string'),
  }),
  convert: (fields, refuse) => {
    const { type = 0, intVal = 0, strVal = '' } = fields as IntOrString;
    if (type === 0) return intVal;
    if (type === 1) return strVal;
    throw refuse(`${String(type)} is neither the type of a number (0) nor of a text (1)`);
  },
};

/** Which fields somebody manages: JSON within the message. */
export const FIELDS_V1: ConvertedType = {
  message: message('FieldsV1', { 1: kept('raw', 'json') }),
  convert: ({ raw = null }) => raw,
};
