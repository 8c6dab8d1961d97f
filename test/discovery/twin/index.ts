/**
 * The twin: XPath 1.0 evaluated one node at a time on a plain tree, each rule written as the recommendation words it and
 * nothing done to be fast. The real engine is judged against it on random documents and expressions.
 */
export { evaluate, TooMuchWork, type TwinContext } from './evaluate.js';
export { RECOMMENDATION, type Rules } from './rules.js';
export { type TwinNode, treeOf } from './tree.js';
export { type TwinValue, toBoolean, toNumber, toText } from './values.js';
