import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** Nonce, tag and ciphertext of AES-256-GCM, in base64 as they stand in a record's file. */
export interface Sealed {
  readonly nonce: string;
  readonly tag: string;
  readonly data: string;
}

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts; what is in `about` is not hidden, yet opening fails if a byte of it differs. */
export function seal(key: Uint8Array, plain: Uint8Array, about: string): Sealed {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(about));
  const data = Buffer.concat([cipher.update(plain), cipher.final()]);
  return { nonce: nonce.toString('base64'), tag: cipher.getAuthTag().toString('base64'), data: data.toString('base64') };
}

/** Throws when the key, a byte of the sealed or a byte of `about` is another than when it was sealed. */
export function unseal(key: Uint8Array, sealed: Sealed, about: string): Buffer {
  const decipher = createDecipheriv(CIPHER, key, Buffer.from(sealed.nonce, 'base64'), { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(about))
    .setAuthTag(Buffer.from(sealed.tag, 'base64'));
  return Buffer.concat([decipher.update(Buffer.from(sealed.data, 'base64')), decipher.final()]);
}
