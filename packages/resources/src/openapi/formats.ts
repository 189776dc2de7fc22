/**
 * The formats of texts that kube-apiserver checks, as far as it takes them: what it does not know it ignores,
 * and so do we. Every check is linear in the text.
 */
import { isIP, isIPv4, isIPv6 } from './ip-address.ts';

const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/i;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const GO_DURATION =
  /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h)(?:(?:\d+(?:\.\d*)?)(?:ns|us|µs|ms|s|m|h))*$/;
/** The looser form: a number and the name of a unit, in words or as a letter, with or without a space. */
const WORD_DURATION = /^-?\d+ ?[a-zA-Z]{1,12}$|^P[0-9YMWDTHS.,]{1,64}$/;
const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const MAC = /^(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i;
const HEX_COLOR = /^#?(?:[0-9a-f]{3}|[0-9a-f]{6})$/i;
const HOST_LABEL = /^[A-Za-z0-9][A-Za-z0-9-]{0,62}$/;
const EMAIL = /^[^\s@<>]{1,64}@[^\s@<>]{1,255}$/;
const NAMED_EMAIL = /^[^<>]{0,255}<([^<>]{1,320})>$/;

function isDate(text: string): boolean {
  if (!DATE.test(text)) return false;
  // A day that does not exist, such as February 30th, comes back as another.
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function isDateTime(text: string): boolean {
  return (
    DATE_TIME.test(text) &&
    isDate(text.slice(0, 10)) &&
    !Number.isNaN(Date.parse(text.toUpperCase()))
  );
}

function isUri(text: string): boolean {
  if (text.startsWith('/')) return !/[\s\u0000-\u001f]/.test(text);
  return /^[a-z][a-z0-9+.-]*:/i.test(text) && URL.canParse(text);
}

function isCidr(text: string): boolean {
  const [address = '', bits = '', ...rest] = text.split('/');
  if (rest.length > 0 || !/^\d{1,3}$/.test(bits)) return false;
  return isIP(address) && Number(bits) <= (isIPv4(address) ? 32 : 128);
}

function isHostname(text: string): boolean {
  return text.length <= 255 && text.split('.').every((label) => HOST_LABEL.test(label));
}

const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  byte: (text) => text !== '' && BASE64.test(text),
  cidr: isCidr,
  date: isDate,
  'date-time': isDateTime,
  datetime: isDateTime,
  duration: (text) => GO_DURATION.test(text) || WORD_DURATION.test(text),
  email: (text) => EMAIL.test(NAMED_EMAIL.exec(text)?.[1] ?? text),
  hexcolor: (text) => HEX_COLOR.test(text),
  hostname: isHostname,
  ipv4: isIPv4,
  ipv6: isIPv6,
  mac: (text) => MAC.test(text),
  uri: isUri,
  uuid: (text) => UUID.test(text),
};

/** Whether a text has a format; true for a format that nobody checks. */
export function hasFormat(text: string, format: string): boolean {
  return !Object.hasOwn(FORMATS, format) || FORMATS[format]?.(text) === true;
}
