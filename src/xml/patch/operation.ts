/** One operation of a patch, read and checked as far as the patch alone tells (RFC 5261 §4.3-4.5). */
import { isNcName } from '../../model/index.js';
import { patchProblem } from './errors.js';
import { namespacesAt, type PatchDocument, type PatchElement, type PatchNode, rootOf } from './tree.js';

export interface Operation {
  readonly sel: string;
  /** bindings in scope in the patch, '' among them */
  readonly namespaces: ReadonlyMap<string, string>;
  readonly element: PatchElement;
  readonly action:
    | { readonly kind: 'add-nodes'; readonly position: 'append' | 'prepend' | 'before' | 'after'; readonly content: readonly PatchNode[] }
    | { readonly kind: 'add-attribute'; readonly prefix: string; readonly local: string; readonly value: string }
    | { readonly kind: 'add-namespace'; readonly prefix: string; readonly uri: string }
    | { readonly kind: 'replace'; readonly content: readonly PatchNode[] }
    | { readonly kind: 'remove'; readonly before: boolean; readonly after: boolean };
}

/** More are refused: each one is evaluated against the whole document. */
const MOST = 500;

const ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  add: ['sel', 'type', 'pos'],
  replace: ['sel'],
  remove: ['sel', 'ws'],
};

export function operationsOf(patch: PatchDocument): readonly Operation[] {
  const root = rootOf(patch);
  if (root.local !== 'diff') throw patchProblem('invalid-diff-format', `the root element is <${root.local}>, not <diff>`, root.place);
  const operations: Operation[] = [];
  for (const child of root.children) {
    if (child.kind === 'text' && child.value.trim() !== '') {
      throw patchProblem('invalid-diff-format', `there is text between the operations: "${child.value.trim().slice(0, 50)}"`, root.place);
    }
    if (child.kind !== 'element') continue;
    if (operations.length === MOST) throw patchProblem('invalid-diff-format', `a patch has at most ${MOST} operations`, child.place);
    operations.push(operationOf(child, root.ns));
  }
  return operations;
}

function operationOf(element: PatchElement, ns: string): Operation {
  const { local, place } = element;
  const allowed = element.ns === ns ? ATTRIBUTES[local] : undefined;
  if (allowed === undefined) throw patchProblem('invalid-diff-format', `there is no operation <${local}>`, place);
  const given = new Map<string, string>();
  for (const attribute of element.attributes) {
    if (attribute.ns !== '' || !allowed.includes(attribute.local)) {
      throw patchProblem('invalid-diff-format', `<${local}> has no attribute "${attribute.local}"`, place);
    }
    given.set(attribute.local, attribute.value.trim());
  }
  const sel = given.get('sel');
  if (sel === undefined || sel === '') throw patchProblem('invalid-attribute-value', `<${local}> needs sel`, place);
  return { sel, namespaces: namespacesAt(element), element, action: actionOf(element, given) };
}

function actionOf(element: PatchElement, given: ReadonlyMap<string, string>): Operation['action'] {
  if (element.local === 'remove') return removal(element, given.get('ws'));
  const content = element.children;
  if (element.local === 'replace') return { kind: 'replace', content };
  const position = given.get('pos');
  if (position !== undefined && position !== 'before' && position !== 'after' && position !== 'prepend') {
    throw patchProblem('invalid-attribute-value', `pos is "${position}", not before, after or prepend`, element.place);
  }
  const type = given.get('type');
  if (type === undefined) return { kind: 'add-nodes', position: position ?? 'append', content };
  if (position !== undefined)
    throw patchProblem('invalid-attribute-value', 'pos is for nodes, not for attributes and namespaces', element.place);
  const value = plainText(element, content);
  const namespace = /^namespace::(.+)$/.exec(type)?.[1];
  if (namespace !== undefined && isNcName(namespace)) {
    if (value === '') throw patchProblem('invalid-namespace-uri', `the namespace of "${namespace}" is empty`, element.place);
    return { kind: 'add-namespace', prefix: namespace, uri: value };
  }
  const [, prefix = '', local = ''] = /^@(?:([^:@]+):)?([^:@]+)$/.exec(type) ?? [];
  if (!isNcName(local) || (prefix !== '' && !isNcName(prefix))) {
    throw patchProblem('invalid-attribute-value', `type is "${type}", not @name or namespace::prefix`, element.place);
  }
  return { kind: 'add-attribute', prefix, local, value };
}

function removal(element: PatchElement, ws: string | undefined): Operation['action'] {
  if (ws !== undefined && ws !== 'before' && ws !== 'after' && ws !== 'both') {
    throw patchProblem('invalid-attribute-value', `ws is "${ws}", not before, after or both`, element.place);
  }
  if (element.children.some((child) => child.kind === 'element' || (child.kind === 'text' && child.value.trim() !== ''))) {
    throw patchProblem('invalid-diff-format', '<remove> has no content', element.place);
  }
  return { kind: 'remove', before: ws === 'before' || ws === 'both', after: ws === 'after' || ws === 'both' };
}

/** Content that can only be text: of attributes, namespaces and text nodes. */
export function plainText(element: PatchElement, content: readonly PatchNode[]): string {
  if (content.some((node) => node.kind !== 'text')) throw patchProblem('invalid-node-types', 'only text can stand here', element.place);
  return content.map((node) => (node as { readonly value: string }).value).join('');
}
