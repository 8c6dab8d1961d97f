/** What each operation does to the tree, and which nodes it may do it to (RFC 5261 §4.3-4.5). */
import { XML_NS, XMLNS_NS } from '../../model/index.js';
import { adopt, prefixFor } from './adopt.js';
import { patchProblem } from './errors.js';
import type { Located } from './located.js';
import { type Operation, plainText } from './operation.js';
import { namespaceAt, type PatchDocument, type PatchElement, type PatchNode } from './tree.js';

export function applyOperation(document: PatchDocument, operation: Operation, target: Located): void {
  const { action } = operation;
  if (action.kind === 'add-nodes') addNodes(document, operation, action, target);
  else if (action.kind === 'add-attribute') addAttribute(operation, action, elementOf(operation, target));
  else if (action.kind === 'add-namespace') addNamespace(operation, action, elementOf(operation, target));
  else if (action.kind === 'replace') replace(document, operation, action.content, target);
  else remove(document, operation, action, target);
}

type Action<K extends Operation['action']['kind']> = Extract<Operation['action'], { readonly kind: K }>;

function addNodes(document: PatchDocument, operation: Operation, { position, content }: Action<'add-nodes'>, target: Located): void {
  const { place } = operation.element;
  if (target.kind !== 'node') throw patchProblem('invalid-patch-directive', 'nodes cannot be added to an attribute or namespace', place);
  if (position === 'append' || position === 'prepend') {
    const parent = elementOf(operation, target);
    insert(parent.children, position === 'append' ? parent.children.length : 0, content, parent);
    return;
  }
  const { parent, node } = target;
  // Beside the root element only what may stand there.
  if (parent === undefined && content.some((one) => one.kind === 'element' || (one.kind === 'text' && one.value.trim() !== ''))) {
    throw patchProblem('invalid-root-element-operation', 'beside the root element there can only be comments and instructions', place);
  }
  const siblings = parent?.children ?? document.children;
  const beside = parent === undefined ? content.filter((one) => one.kind !== 'text') : content;
  insert(siblings, siblings.indexOf(node) + (position === 'before' ? 0 : 1), beside, parent);
}

function insert(siblings: PatchNode[], at: number, content: readonly PatchNode[], parent: PatchElement | undefined): void {
  siblings.splice(at, 0, ...content.map((node) => adopt(node, parent)));
  joinTexts(siblings);
}

/** Text beside text is one node (XPath 1.0 §5.7). */
function joinTexts(siblings: PatchNode[]): void {
  for (let k = siblings.length - 1; k > 0; k--) {
    const [before, node] = [siblings[k - 1], siblings[k]];
    if (before?.kind !== 'text' || node?.kind !== 'text') continue;
    before.value += node.value;
    siblings.splice(k, 1);
  }
}

function elementOf({ element }: Operation, target: Located): PatchElement {
  if (target.kind === 'node' && target.node.kind === 'element') return target.node;
  throw patchProblem('invalid-patch-directive', 'only elements have content, attributes and namespaces', element.place);
}

function addAttribute({ namespaces, element }: Operation, { prefix, local, value }: Action<'add-attribute'>, target: PatchElement): void {
  if (prefix === '' && local === 'xmlns')
    throw patchProblem('invalid-namespace-prefix', 'a namespace is added by type="namespace::prefix"', element.place);
  const ns = prefix === '' ? '' : prefix === 'xml' ? XML_NS : namespaces.get(prefix);
  if (ns === undefined) throw patchProblem('invalid-namespace-prefix', `the prefix "${prefix}" is not bound in the patch`, element.place);
  if (target.attributes.some((one) => one.ns === ns && one.local === local)) {
    throw patchProblem('invalid-patch-directive', `the element has an attribute "${local}" already`, element.place);
  }
  target.attributes.push({ prefix: ns === '' ? '' : prefixFor(target, prefix, ns, false), ns, local, value });
}

function addNamespace({ element }: Operation, { prefix, uri }: Action<'add-namespace'>, target: PatchElement): void {
  if (prefix === 'xml' || prefix === 'xmlns')
    throw patchProblem('invalid-namespace-prefix', `"${prefix}" cannot be declared`, element.place);
  requireUri(uri, element);
  const bound = target.declarations.get(prefix);
  const used = target.prefix === prefix || target.attributes.some((attribute) => attribute.prefix === prefix);
  if (bound !== undefined || (used && namespaceAt(target, prefix) !== uri)) {
    throw patchProblem('invalid-namespace-prefix', `the element uses the prefix "${prefix}" already`, element.place);
  }
  target.declarations.set(prefix, uri);
}

/** What bears the prefix of a declaration is in its namespace, also for the operations that follow. */
function rebind(element: PatchElement, prefix: string, ns: string): void {
  if (element.prefix === prefix) element.ns = ns;
  for (const attribute of element.attributes) if (prefix !== '' && attribute.prefix === prefix) attribute.ns = ns;
  for (const child of element.children) if (child.kind === 'element' && !child.declarations.has(prefix)) rebind(child, prefix, ns);
}

function requireUri(uri: string, { place }: PatchElement): void {
  if (uri === '' || uri === XML_NS || uri === XMLNS_NS) throw patchProblem('invalid-namespace-uri', `"${uri}" cannot be declared`, place);
}

function replace(document: PatchDocument, { element }: Operation, content: readonly PatchNode[], target: Located): void {
  switch (target.kind) {
    case 'root':
      throw patchProblem(
        'invalid-root-element-operation',
        'the document itself cannot be replaced; select its root element',
        element.place,
      );
    case 'attribute':
      target.attribute.value = plainText(element, content);
      return;
    case 'namespace': {
      const uri = plainText(element, content);
      requireUri(uri, element);
      const owner = declaring(target, element);
      owner.declarations.set(target.prefix, uri);
      rebind(owner, target.prefix, uri);
      return;
    }
    case 'node': {
      const siblings = target.parent?.children ?? document.children;
      const at = siblings.indexOf(target.node);
      if (target.node.kind === 'text') {
        const value = plainText(element, content);
        if (value === '') siblings.splice(at, 1);
        else target.node.value = value;
        return;
      }
      // white space around the one node is layout of the patch
      const nodes = content.filter((node) => node.kind !== 'text' || node.value.trim() !== '');
      const [only] = nodes;
      if (only === undefined || nodes.length > 1 || only.kind !== target.node.kind) {
        throw patchProblem('invalid-node-types', `${article(target.node.kind)} is replaced by one ${target.node.kind}`, element.place);
      }
      siblings[at] = adopt(only, target.parent);
    }
  }
}

function article(kind: PatchNode['kind']): string {
  return kind === 'element' || kind === 'instruction' ? `an ${kind}` : `a ${kind}`;
}

/** The element that declares the namespace: one that it merely inherits is not its own to change. */
function declaring({ element, prefix }: Extract<Located, { kind: 'namespace' }>, operation: PatchElement): PatchElement {
  if (element.declarations.has(prefix)) return element;
  throw patchProblem('unlocated-node', `the element does not declare the prefix "${prefix}" itself`, operation.place);
}

function remove(document: PatchDocument, { element }: Operation, { before, after }: Action<'remove'>, target: Located): void {
  const bare = target.kind !== 'node' || target.node.kind === 'text';
  if (bare && (before || after))
    throw patchProblem('invalid-patch-directive', 'ws is for elements, comments and instructions', element.place);
  switch (target.kind) {
    case 'root':
      throw patchProblem('invalid-root-element-operation', 'the document itself cannot be removed', element.place);
    case 'attribute':
      target.element.attributes.splice(target.element.attributes.indexOf(target.attribute), 1);
      return;
    case 'namespace':
      removeNamespace(declaring(target, element), target.prefix, element);
      return;
    case 'node': {
      const { node, parent } = target;
      if (parent === undefined && node.kind === 'element')
        throw patchProblem('invalid-root-element-operation', 'the root element cannot be removed', element.place);
      const siblings = parent?.children ?? document.children;
      const at = siblings.indexOf(node);
      const gone = [node, ...(before ? [blank(siblings[at - 1], element)] : []), ...(after ? [blank(siblings[at + 1], element)] : [])];
      for (const one of gone) siblings.splice(siblings.indexOf(one), 1);
      joinTexts(siblings);
    }
  }
}

function blank(node: PatchNode | undefined, { place }: PatchElement): PatchNode {
  if (node?.kind === 'text' && node.value.trim() === '') return node;
  throw patchProblem('invalid-whitespace-directive', 'there is no white space of its own beside the node', place);
}

function removeNamespace(target: PatchElement, prefix: string, { place }: PatchElement): void {
  if (isUsed(target, prefix)) throw patchProblem('invalid-namespace-prefix', `the prefix "${prefix}" is in use`, place);
  target.declarations.delete(prefix);
}

function isUsed(element: PatchElement, prefix: string): boolean {
  if (element.prefix === prefix || element.attributes.some((attribute) => attribute.prefix === prefix)) return true;
  return element.children.some((child) => child.kind === 'element' && !child.declarations.has(prefix) && isUsed(child, prefix));
}
