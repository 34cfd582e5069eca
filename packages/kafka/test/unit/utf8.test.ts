import fc from 'fast-check';
import { expect, it } from 'vitest';
import { textOf, utf8Of } from '../../src/bytes/utf8.ts';

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function strictly(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

it('bytes are text exactly where they are valid UTF-8', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.string({ unit: 'binary', maxLength: 40 }).map(utf8Of),
    // Valid text, one byte of which is hurt.
    fc
      .tuple(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }), fc.nat(), fc.nat(255))
      .map(([text, at, byte]) => {
        const hurt = Uint8Array.from(utf8Of(text));
        hurt[at % hurt.length] = byte;
        return hurt;
      }),
  );
  fc.assert(
    fc.property(bytes, (given) => {
      expect(textOf(given)).toBe(strictly(given));
    }),
  );
});

it('a replacement character that was written is text; one that decoding made is not', () => {
  expect(textOf(utf8Of('\uFFFD'))).toBe('\uFFFD');
  expect(textOf(Uint8Array.of(0x61, 0xff))).toBe(undefined);
  expect(textOf(Uint8Array.of(0xc3))).toBe(undefined);
});
