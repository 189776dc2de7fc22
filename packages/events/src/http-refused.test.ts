/**
 * The test vectors of HTTP to event that are refused, over a real connection: the status, and each attribute at fault.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EventsError } from './index.ts';
import type { Wire } from './testing/wire.ts';
import {
  B,
  BATCH,
  j,
  JSON_TYPE,
  startWire,
  STRUCTURED,
  without,
  withSource,
} from './testing/wire.ts';

let wire: Wire;
beforeAll(async () => {
  wire = await startWire();
});
afterAll(() => wire.close());

interface Refusal {
  readonly n: string;
  readonly says: string;
  readonly headers: readonly string[];
  readonly body?: string | Buffer;
  readonly status?: number;
  readonly problems: readonly { readonly attribute: string; readonly index?: number }[];
}

function subject(n: string, value: string, says: string): Refusal {
  const headers = [...B, `ce-subject: ${value}`];
  return { n, says, headers, problems: [{ attribute: 'subject' }] };
}

function structured(n: string, body: string, attribute: string): Refusal {
  return { n, says: body, headers: [STRUCTURED], body, problems: [{ attribute }] };
}

function binary(n: string, says: string, headers: string[], attribute: string): Refusal {
  return { n, says, headers, problems: [{ attribute }] };
}

const ALL_MISSING = ['specversion', 'id', 'source', 'type'].map((attribute) => ({ attribute }));

const REFUSED: Refusal[] = [
  binary('7', 'no type', without('type'), 'type'),
  binary('8', 'an empty id', [...without('id'), 'ce-id:'], 'id'),
  binary('9', 'no specversion', without('specversion'), 'specversion'),
  binary('10', 'version 2.0', [...without('specversion'), 'ce-specversion: 2.0'], 'specversion'),
  subject('19', '%C0%A0', 'overlong UTF-8'),
  subject('20', '%ED%A0%80', 'an encoded surrogate'),
  subject('21', '%E2%82', 'truncated UTF-8'),
  subject('22', 'a%0Ab', 'T10 an encoded line feed'),
  subject('26', '\xe9', 'a latin1 byte'),
  binary('30', 'T10 two ids', [...B, 'ce-id: 2'], 'id'),
  binary('31', 'a name with a dash', [...B, 'ce-my-ext: x'], 'my-ext'),
  binary('33', 'the name data', [...B, 'ce-data: x'], 'data'),
  binary('34', 'ce-datacontenttype', [...B, 'ce-datacontenttype: text/plain'], 'datacontenttype'),
  ...['2018-04-05', 'yesterday', '2018-04-05T17:31:00'].map((time) =>
    binary('40', `time ${time}`, [...B, `ce-time: ${time}`], 'time'),
  ),
  binary('41', 'a relative dataschema', [...B, 'ce-dataschema: /rel'], 'dataschema'),
  binary('42', 'a source with a space', withSource('a b'), 'source'),
  {
    n: '47',
    says: 'no event at all',
    headers: ['Content-Type: text/plain'],
    problems: ALL_MISSING,
  },
  {
    n: '48',
    says: 'an envelope as plain JSON',
    headers: [JSON_TYPE],
    body: j(),
    problems: ALL_MISSING,
  },
  structured('55', j(',"datacontenttype":"text/plain","data":{"a":1}'), 'data'),
  structured('60', j(',"data":1,"data_base64":"AQ=="'), 'data_base64'),
  structured('61', j(',"data_base64":"***"'), 'data_base64'),
  structured('65', '{"specversion":"1.0","id":null,"source":"/s","type":"t"}', 'id'),
  structured('66', '{"specversion":"1.0","id":5,"source":"/s","type":"t"}', 'id'),
  structured('68', j(',"n":2147483648'), 'n'),
  structured('68', j(',"n":1.5'), 'n'),
  structured('69', j(',"ext":{"a":1}'), 'ext'),
  structured('69', j(',"ext":[1]'), 'ext'),
  structured('70', j(',"MyExt":"x"'), 'MyExt'),
  structured('70', j(',"my_ext":"x"'), 'my_ext'),
  structured('70', j(',"__proto__":{"x":1}'), '__proto__'),
  structured('73', j(String.raw`,"ext":"\ud83d"`), 'ext'),
  structured('74', j(String.raw`,"ext":"a\nb"`), 'ext'),
  ...['[]', '"x"', '', '{bad'].map((body) => structured('75', body, '(body)')),
  {
    n: '77',
    says: 'an unknown event format without headers',
    headers: ['Content-Type: application/cloudevents+avro'],
    body: 'x',
    status: 415,
    problems: [{ attribute: 'content-type' }],
  },
  {
    n: '81',
    says: 'a batch with one bad event',
    headers: [BATCH],
    body: `[${j()},{"specversion":"1.0","id":"1","source":"/s"}]`,
    problems: [{ attribute: 'type', index: 1 }],
  },
  {
    n: '82',
    says: 'a batch of two versions',
    headers: [BATCH],
    body: `[${j()},${j().replace('1.0', '0.3')}]`,
    problems: [{ attribute: 'specversion', index: 1 }],
  },
  {
    n: '83',
    says: 'a batch that is an object',
    headers: [BATCH],
    body: j(),
    problems: [{ attribute: '(body)' }],
  },
];

describe('refused', () => {
  test.each(REFUSED.map((vector) => [`${vector.n}: ${vector.says}`, vector] as const))(
    'vector %s',
    async (_, vector) => {
      const outcome = await wire.send(vector.headers, vector.body ?? '');
      expect(outcome).toBeInstanceOf(EventsError);
      if (!(outcome instanceof EventsError)) return;
      expect(outcome.status).toBe(vector.status ?? 400);
      expect(outcome.problems.map(({ reason: _reason, ...where }) => where)).toEqual(
        vector.problems,
      );
      for (const problem of outcome.problems) expect(outcome.message).toContain(problem.reason);
    },
  );

  test('vector 70: no prototype is polluted', () => {
    expect({}).not.toHaveProperty('x');
  });
});
