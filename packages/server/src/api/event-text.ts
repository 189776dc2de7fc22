/** A kept event as JSON text for people and tools: the event in its JSON format, the data cut at a bound. */
import { encodeStructured, type CloudEvent } from '@afflux/events';

export interface EventText {
  /** JSON of the event. Where the data was cut, it is `data_base64` with its start. */
  readonly json: string;
  readonly dataBytes: number;
  readonly isCut: boolean;
}

export function eventText(event: CloudEvent, dataBytesMax: number): EventText {
  const dataBytes = event.data?.length ?? 0;
  if (dataBytes <= dataBytesMax) {
    // The text as it is: parsing it would round numbers that JSON can say and JavaScript cannot.
    return { json: encodeStructured(event).body.toString('utf8'), dataBytes, isCut: false };
  }
  const attributes = Object.fromEntries(event.names().map((name) => [name, event.getText(name)]));
  const start = event.data?.subarray(0, dataBytesMax).toString('base64');
  return { json: JSON.stringify({ ...attributes, data_base64: start }), dataBytes, isCut: true };
}
