/** A real issuer of tokens on a free port of this machine: discovery document, key set, and keys that come and go. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

export interface Issuer {
  readonly url: string;
  /** requests for its keys */
  readonly fetches: () => number;
  /** Signs with the newest key, or as told. */
  token(
    claims: JWTPayload,
    how?: { readonly kid?: string; readonly aud?: string; readonly iss?: string; readonly expires?: number; readonly exp?: false },
  ): Promise<string>;
  /** Another key: it signs from now on; `forget`: the older ones are no longer published. */
  rotate(forget?: boolean): Promise<void>;
  /** What it answers instead of its keys. */
  broken: boolean;
  close(): Promise<void>;
}

export async function startIssuer(): Promise<Issuer> {
  let published: object[] = [];
  const keys = new Map<string, CryptoKey>();
  let newest = '';
  let fetches = 0;
  const server = createServer((request, response) => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    response.setHeader('Content-Type', 'application/json');
    if (issuer.broken) return void response.writeHead(500).end('{}');
    if (request.url === '/.well-known/openid-configuration')
      return void response.end(JSON.stringify({ issuer: url, jwks_uri: `${url}/keys` }));
    fetches++;
    response.end(JSON.stringify({ keys: published }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer: Issuer = {
    url,
    fetches: () => fetches,
    broken: false,
    async token(claims, { kid = newest, aud = 'facetry', iss = url, expires = 60, exp } = {}) {
      const now = Math.floor(Date.now() / 1000);
      const jwt = new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid }).setIssuer(iss).setAudience(aud).setIssuedAt(now);
      if (exp !== false) jwt.setExpirationTime(now + expires);
      return jwt.sign(keys.get(kid) ?? (keys.get(newest) as CryptoKey));
    },
    async rotate(forget = false) {
      const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
      newest = `k${keys.size + 1}`;
      keys.set(newest, privateKey);
      published = [...(forget ? [] : published), { ...(await exportJWK(publicKey)), kid: newest, alg: 'ES256', use: 'sig' }];
    },
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
  await issuer.rotate();
  return issuer;
}
