import compression from 'compression';
import type { RequestHandler } from 'express';

/** Small answers travel faster as they are. */
const WORTH_IT = 1024;

/** Compresses answers for those who ask for it; everybody else does not even pass by the machinery, which costs a few µs. */
export function compress(): RequestHandler {
  const compressing = compression({ threshold: WORTH_IT });
  return (request, response, next) => {
    const wished = request.headers['accept-encoding'];
    if (wished === undefined || wished === 'identity') next();
    else compressing(request, response, next);
  };
}
