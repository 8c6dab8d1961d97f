import type { Axis } from '../../../src/discovery/syntax/index.js';
import { isInTree, type Rules } from './rules.js';
import { isAncestor, type TwinNode } from './tree.js';

/** §2.2: the nodes of an axis in the axis' own order (reverse axes count away from the context node). */
export function axisNodes(axis: Axis, node: TwinNode, rules: Rules): TwinNode[] {
  const document = node.document.nodes;
  const siblings = isInTree(node) && node.parent ? node.parent.children : [];
  switch (axis) {
    case 'self':
      return [node];
    case 'child':
      return node.children;
    case 'parent':
      return node.parent ? [node.parent] : [];
    case 'attribute':
      return node.attributes;
    case 'namespace':
      return node.namespaces;
    case 'descendant':
      return document.filter((each) => isInTree(each) && isAncestor(node, each));
    case 'descendant-or-self':
      return [node, ...axisNodes('descendant', node, rules)];
    case 'ancestor':
      return document.filter((each) => isAncestor(each, node)).reverse();
    case 'ancestor-or-self':
      return [node, ...axisNodes('ancestor', node, rules)];
    case 'following':
      return rules.following(node);
    case 'preceding':
      return rules.preceding(node);
    case 'following-sibling':
      return siblings.filter((each) => each.order > node.order);
    case 'preceding-sibling':
      return siblings.filter((each) => each.order < node.order).reverse();
  }
}
