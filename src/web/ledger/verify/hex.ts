/** Bytes as hexadecimal digits. */

/** Lowercase hexadecimal into the beginning of `into`, as far as it reaches, which it gives. */
export function fromHex(hex: string, into: Uint8Array): Uint8Array {
  const bytes = into.subarray(0, hex.length / 2);
  for (let index = 0; index < bytes.length; index += 1)
    bytes[index] = (digit(hex, 2 * index) << 4) | digit(hex, 2 * index + 1);
  return bytes;
}

function digit(hex: string, at: number): number {
  const code = hex.charCodeAt(at);
  return code < 0x3a ? code - 0x30 : code - 0x57;
}

/** Lowercase. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
