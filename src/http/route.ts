import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { Caller, Directory } from '../directory/index.js';
import type { ProblemCode } from '../model/index.js';
import type { HttpContext } from './context.js';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** One request on its way through its route. */
export interface Exchange<Query = Record<string, unknown>> {
  readonly request: Request;
  readonly response: Response;
  readonly context: HttpContext;
  readonly directory: Directory;
  readonly caller: Caller;
  /** the first part of the path that the template leaves open, decoded once */
  readonly key: string;
  /** the second one */
  readonly part: string;
  readonly query: Query;
  /** the media type the answer will have */
  readonly type: string;
}

export interface AnswerDoc {
  readonly description: string;
  /** media type → shape of the JSON, or an example of the text */
  readonly content?: Readonly<Record<string, z.ZodType | string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One row of the table of routes: what is served, checked and documented. */
export interface Route<Query extends z.ZodObject = z.ZodObject> {
  readonly id: string;
  readonly method: Method;
  /** as OpenAPI writes it; at most two `{parts}` */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag: 'resources' | 'discovery' | 'interfaces' | 'clusters' | 'service';
  /** schemas of the open parts of the path */
  readonly key?: z.ZodType<string>;
  readonly part?: z.ZodType<string>;
  /** unknown and repeated parameters are refused; undefined: the route reads its query itself */
  readonly query?: Query;
  /** documents a query that the route reads itself */
  readonly ownQuery?: {
    readonly schema: z.ZodObject;
    readonly patterns: readonly { readonly name: string; readonly pattern: string; readonly description: string }[];
  };
  /** request headers worth a word */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: {
    readonly description: string;
    readonly optional?: true;
    readonly content: Readonly<Record<string, z.ZodType | string>>;
  };
  /** media types of the answer, best first */
  readonly produces: readonly string[];
  readonly answers: Readonly<Record<number, AnswerDoc>>;
  /** codes beyond those that every route may answer with */
  readonly problems: readonly ProblemCode[];
  /** Served to everybody and before the directory is ready: health and documentation. */
  readonly always?: true;
  /** Where callers are known, it is for operators `only` (admins of everything), or says `more` to them when asked with `?verbose`. */
  readonly operators?: 'only' | 'more';
  /** A question although it is no GET: it changes nothing, so whoever may read may ask it. */
  readonly asks?: true;
  /** A question that the audit file tells of, as it does of writes. */
  readonly accounted?: true;
  /** Its answer goes on until somebody ends it: it counts as a watch, not as work under way. */
  readonly lasts?: true;
  readonly handle: (exchange: Exchange<z.output<Query>>) => void | Promise<void>;
}

/** Keeps the type of the query between the schema and the handler of a row. */
export function route<Query extends z.ZodObject>(row: Route<Query>): Route {
  return row as unknown as Route;
}

/** Names of the parts of its path that a route leaves open, in order. */
export function openParts({ path }: Pick<Route, 'path'>): readonly string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string);
}
