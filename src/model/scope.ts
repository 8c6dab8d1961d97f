/**
 * Scopes: `/a/b/c`, any depth, segments of `[A-Za-z0-9_.-]+`. Membership is explicit; which
 * scopes a caller can read is a rule of the deployment, and never goes from parent to child.
 */

export type Scope = string & { readonly __brand?: 'Scope' };

/** `exact`: a caller in /a/b sees /a/b only. `inherit`: it sees /a as well. */
export type ReadRule = 'exact' | 'inherit';

const SCOPE = /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9_.-]+)+$/;

export function isScope(text: string): text is Scope {
  return text.length <= 1024 && SCOPE.test(text);
}

/** True when `inner` is `outer` or lies below it. */
export function isWithin(inner: Scope, outer: Scope): boolean {
  return inner === outer || inner.startsWith(`${outer}/`);
}

/** Can a caller that operates in `operating` see what is a member of `member`? */
export function seesScope(operating: Scope, member: Scope, rule: ReadRule): boolean {
  return rule === 'exact' ? operating === member : isWithin(operating, member);
}
