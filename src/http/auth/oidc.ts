import { errors, jwtVerify } from 'jose';
import { Problem } from '../../model/index.js';
import type { OnEvent } from '../events.js';
import type { Access } from './access.js';
import { bearerOf } from './bearer.js';
import { type IssuerKeys, issuerKeys } from './issuer-keys.js';
import { callerOfClaims, type OidcPolicy, readOidc } from './oidc-file.js';
import { reloading } from './reloading.js';

/**
 * Signatures with key pairs only. With `none` or HS*, a token could be made by anybody who knows the public key
 * (RFC 8725 §2.1, §3.1).
 */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];

/**
 * Mode `oidc`: whoever brings a JWT of the issuer, made for this directory and valid now, is who its claims say.
 *
 * @throws PolicyFileError
 */
export function oidcAccess(file: string, onEvent: OnEvent, now: () => number, send: typeof fetch): Access {
  /** one set of keys for each text of the file */
  const read = (text: string): { readonly policy: OidcPolicy; readonly keys: IssuerKeys } => {
    const policy = readOidc(file, text);
    return { policy, keys: issuerKeys(policy, onEvent, now, send) };
  };
  const source = reloading(file, read, () => 0, onEvent);
  return {
    mode: 'oidc',
    async authenticate(request) {
      const token = bearerOf(request);
      const { policy, keys } = source.current;
      return callerOfClaims(policy, await verified(token, policy, keys, now));
    },
    checks() {
      const { policy, keys } = source.current;
      return [
        source.failure === undefined
          ? { name: 'access', ok: true, detail: `tokens of ${policy.issuer}` }
          : { name: 'access', ok: false, detail: `the older file holds: ${source.failure}` },
        keys.failure === undefined
          ? { name: 'issuer', ok: true, detail: `${keys.count} keys` }
          : { name: 'issuer', ok: false, detail: `${keys.failure}; ${keys.count} keys are known` },
      ];
    },
    reload: source.reload,
    close: source.close,
  };
}

async function verified(token: string, policy: OidcPolicy, { key }: IssuerKeys, now: () => number) {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: ALGORITHMS,
      issuer: policy.issuer,
      audience: policy.audience as string | string[],
      clockTolerance: policy.clockTolerance,
      requiredClaims: ['exp'],
      currentDate: new Date(now()),
    });
    return payload;
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem('unauthorized', { detail: refusal(error), hint: 'get a new token for this directory from its issuer', cause: error });
  }
}

/** Says what is wrong, and nothing of the token. */
function refusal(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'the token has expired';
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'aud') return 'the token was made for somebody else (aud)';
    if (error.claim === 'iss') return 'the token is of another issuer (iss)';
    if (error.claim === 'nbf') return 'the token is not valid yet (nbf)';
    return `the token's claim ${error.claim} is missing or wrong`;
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return 'the token is signed by an algorithm that is not accepted';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'the signature of the token is wrong';
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
    return 'the token is signed by a key that its issuer does not publish';
  return 'the token is no valid JWT';
}
