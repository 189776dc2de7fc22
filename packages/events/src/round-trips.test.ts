/** What must survive every way through: the round trips of the HTTP binding, and the same for random events. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CloudEvent } from './index.ts';
import {
  decodeHttp,
  encodeBatch,
  encodeBinary,
  encodeStructured,
  makeEvent,
  sameEvent,
} from './index.ts';
import { eventInput } from './testing/arbitrary.ts';
import {
  attributesOf,
  envelope,
  headerMap,
  only,
  rawHeaders,
  structuredEvent,
} from './testing/build.ts';

const NO_BODY = Buffer.alloc(0);

/** The message as a receiver's Node reads it: a copy, and names in another case. */
function throughBinary(event: CloudEvent): CloudEvent {
  const { headers, body } = encodeBinary(event);
  const received = headers.map((text, at) => (at % 2 === 0 ? text.toUpperCase() : text));
  return only(decodeHttp(received, Buffer.from(body ?? NO_BODY)));
}

function throughStructured(event: CloudEvent): CloudEvent {
  const { headers, body } = encodeStructured(event);
  return only(decodeHttp(headers, body));
}

function throughBatch(events: readonly CloudEvent[]): CloudEvent[] {
  const { headers, body } = encodeBatch(events);
  return decodeHttp(headers, body);
}

describe('round trips', () => {
  test('R1 binary to binary: header values and body are identical, nothing is added', () => {
    const headers = rawHeaders({
      'ce-subject': 'Euro%20%e2%82%ac "x" 100%',
      'ce-time': '2024-01-01T00:00:00.000000000+05:30',
      'ce-ext': '',
      'content-type': 'Application/JSON;  charset=UTF-8',
    });
    const body = Buffer.from([0, 255, 13, 10]);
    const sent = encodeBinary(only(decodeHttp(headers, body)));
    expect(sent.headers).toEqual(headers);
    expect(sent.body).toEqual(body);
  });

  test('R3 structured to binary to structured: only the implied content type appears', () => {
    const first = structuredEvent(envelope({ ext: 5, data: { a: [1, null] } }));
    const last = throughStructured(throughBinary(first));
    expect(attributesOf(last)).toEqual({
      ...attributesOf(first),
      ext: '5',
      datacontenttype: 'application/json',
    });
    expect(last.data).toEqual(first.data);
  });

  test('R5 64 KiB of all bytes: structured in, binary out, equal', () => {
    const bytes = Buffer.from(
      Array.from({ length: 65_536 }, (_, at) => (at * 167 + (at >> 8)) & 255),
    );
    const event = structuredEvent(envelope({ data_base64: bytes.toString('base64') }));
    expect(encodeBinary(event).body).toEqual(bytes);
    expect(throughStructured(throughBinary(event)).data).toEqual(bytes);
  });

  test('R6 every legal character of the first plane, in 50 extensions, after every binding', () => {
    const legal: string[] = [];
    for (let code = 0x20; code <= 0xfffd; code++) {
      const isControl = code >= 0x7f && code <= 0x9f;
      const isSurrogate = code >= 0xd800 && code <= 0xdfff;
      const isNoncharacter = code >= 0xfdd0 && code <= 0xfdef;
      if (!isControl && !isSurrogate && !isNoncharacter) legal.push(String.fromCharCode(code));
    }
    const length = Math.ceil(legal.length / 200);
    for (let part = 0; part < 4; part++) {
      const extensions: Record<string, string> = {};
      for (let at = 0; at < 50; at++) {
        const start = (part * 50 + at) * length;
        extensions[`e${String(at)}`] = legal.slice(start, start + length).join('');
      }
      const event = makeEvent({ id: '1', source: '/', type: 't', extensions });
      expect(attributesOf(throughBinary(event))).toEqual(attributesOf(event));
      expect(attributesOf(throughStructured(event))).toEqual(attributesOf(event));
    }
  });
});

describe('random events', () => {
  test('T10 are the same after binary mode, whose headers are visible ASCII and only ce- and content-type', () => {
    fc.assert(
      fc.property(eventInput, (input) => {
        const event = makeEvent(input);
        expect(sameEvent(throughBinary(event), event)).toBe(true);
        for (const [name, value] of Object.entries(headerMap(encodeBinary(event).headers))) {
          expect(name).toMatch(/^(ce-[a-z0-9]+|content-type)$/);
          expect(value).toMatch(name === 'content-type' ? /^[ -~]+$/ : /^[!#-~]*$/);
        }
      }),
    );
  });

  test('are the same, types included, after structured mode', () => {
    fc.assert(
      fc.property(eventInput, (input) => {
        const event = makeEvent(input);
        const received = throughStructured(event);
        expect(attributesOf(received)).toEqual(attributesOf(event));
        expect(received.data).toEqual(event.data);
      }),
    );
  });

  test('are the same after binary, then structured, then a batch, then binary mode', () => {
    fc.assert(
      fc.property(fc.array(eventInput, { maxLength: 4 }), (inputs) => {
        const events = inputs.map((input) => makeEvent(input));
        const hops = events.map((event) => throughStructured(throughBinary(event)));
        const received = throughBatch(hops).map(throughBinary);
        expect(received).toHaveLength(events.length);
        received.forEach((event, at) => {
          expect(sameEvent(event, events[at] ?? event)).toBe(true);
        });
      }),
    );
  });

  test('leave with the same header list after any number of binary hops', () => {
    fc.assert(
      fc.property(eventInput, (input) => {
        const once = throughBinary(makeEvent(input));
        expect(encodeBinary(throughBinary(once)).headers).toEqual(encodeBinary(once).headers);
      }),
    );
  });

  test('account for the same size however they arrived', () => {
    fc.assert(
      fc.property(eventInput, (input) => {
        const event = makeEvent(input);
        expect(throughBinary(event).sizeBytes).toBe(event.sizeBytes);
        expect(throughStructured(event).sizeBytes).toBe(event.sizeBytes);
      }),
    );
  });
});

describe('random bytes', () => {
  const value = fc.string({
    unit: fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)),
  });

  test('T10 a header value is refused, or leaves as header-safe text with the same meaning', () => {
    fc.assert(
      fc.property(value, (raw) => {
        let event: CloudEvent;
        try {
          event = only(decodeHttp(rawHeaders({ 'ce-x': raw }), NO_BODY));
        } catch {
          return;
        }
        const sent = headerMap(encodeBinary(event).headers)['ce-x'];
        expect(sent).toMatch(/^[ -~]*$/);
        expect(throughBinary(event).get('x')).toBe(event.get('x'));
      }),
      { numRuns: 1000 },
    );
  });

  test('T12 a structured body is refused with problems or read, and never anything else', () => {
    const mutated = fc.tuple(fc.json(), fc.nat(), fc.nat({ max: 255 })).map(([json, at, byte]) => {
      const body = Buffer.from(envelope({ ext: 'x', data: 0 }).replace('0}', `${json}}`));
      body[at % body.length] = byte;
      return body;
    });
    fc.assert(
      fc.property(mutated, (body) => {
        try {
          structuredEvent(body);
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^AFFLUX_EVENTS_/) as string });
        }
      }),
      { numRuns: 1000 },
    );
  });
});
