import helmet from 'helmet';

/**
 * Helmet's headers, computed once: they are the same for every answer. Data is never a page, so nothing may be loaded or
 * framed by it; the page at `/` brings no script and no style, so it needs no exception.
 */
export function securityHeaders(): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  const recorder = {
    setHeader: (name: string, value: string) => headers.set(name, value),
    removeHeader: (name: string) => headers.delete(name),
  };
  const secure = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"] },
    },
    frameguard: { action: 'deny' },
    // Loopback speaks plain HTTP; whoever puts TLS in front decides about this one.
    strictTransportSecurity: false,
    // About pages and downloads of old browsers: nothing that an answer made of data needs on every request.
    originAgentCluster: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
    crossOriginOpenerPolicy: false,
  });
  secure({} as never, recorder as never, (error?: unknown) => {
    if (error !== undefined) throw error;
  });
  return headers;
}
