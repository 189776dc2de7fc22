import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeBase64 } from './base64.ts';

test('bytes are decoded to what was encoded, with padding and without', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const text = Buffer.from(bytes).toString('base64');
      expect(decodeBase64(Buffer.from(text))).toEqual(Buffer.from(bytes));
      expect(decodeBase64(Buffer.from(text.replaceAll('=', '')))).toEqual(Buffer.from(bytes));
    }),
  );
});

test('nothing but the standard alphabet in groups of four is accepted', () => {
  const piece = fc.constantFrom('A', 'B', '+', '/', '=', '-', '_', ' ', '\n', '9');
  fc.assert(
    fc.property(fc.string({ unit: piece, maxLength: 9 }), (text) => {
      const isBase64 =
        /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/.test(text);
      expect(decodeBase64(Buffer.from(text)) !== undefined).toBe(isBase64);
    }),
    { numRuns: 2000 },
  );
});
