/**
 * Columns: every resource, shredded into typed arrays, as readers see them.
 *
 * All resources together are ONE virtual document. Row 0 is its root node; a resource's root element is a
 * child of row 0. (`facetry xpath` loads one plain document in the same form.) A row is one stored node, and
 * rows stand in document order, attributes and namespace declarations directly after their element:
 *
 *     row  label                     parent  data
 *      0   (root)                       0    -
 *      1   /resource                    0    subtree, 6 rows below
 *      2   /resource/@id                1    string "ghn-1"
 *      3   /resource/name               1    string "node24"      a leaf: its only text is kept in the row itself
 *      4   /resource/scope              1    string "/gcube"
 *      5   /resource/f:hw               1    subtree, 2 rows below
 *      6   /resource/f:hw/f:cpu         5    string "4"
 *      7   /resource/f:hw/f:ram         5    string "16384"
 *      8   /resource                    0    subtree … (the next resource)
 *
 * The root element of a resource or document is always a SUBTREE (its link holds the slot), even with text alone or nothing in it.
 *
 * A *label* is a distinct path of names from the root (a node of the path summary). It fixes node kind and name.
 *
 * A *node* is a number: `2 * row` is the stored node, `2 * row + 1` is the text child of a leaf row (which has no
 * row of its own). So numeric order is document order within a resource, and between resources as long as
 * `orderIsRowOrder`. Namespace nodes are not stored: an evaluator makes them up from declaration rows.
 *
 * A resource version is a *slot*. Replacing a resource appends a new slot and closes the old one at a revision;
 * readers hold a revision and see exactly the slots open at it. Publication order is `slots.ordinal`, which a
 * replacement keeps; therefore new rows of an old resource stand after younger resources until compaction.
 */

export enum Kind {
  Root = 0,
  Element = 1,
  Attribute = 2,
  Text = 3,
  Comment = 4,
  Instruction = 5,
  /** a namespace declaration: name.local is the prefix (empty for the default), its string the namespace */
  Declaration = 6,
}

/** Bit 31 of `data` of an element row: set = the low 31 bits count the rows below it; clear = a string id, the element's only text (id 0 = '' = no text at all: an empty element has no children). */
export const SUBTREE = 0x8000_0000;

/** The four row columns. The arrays are replaced when they grow: take them once per evaluation step, never keep them across an await. */
export interface Rows {
  readonly count: number;
  readonly label: Uint32Array;
  readonly parent: Uint32Array;
  /** element: see SUBTREE; every other kind: string id of its value */
  readonly data: Uint32Array;
  /** valued rows: the previous row with the same label and the same data (0 = none; always for declarations, which have no postings); resource root elements: their slot */
  readonly link: Uint32Array;
}

/** A run of rows under one label: `data[i]` is the data of row `rows[i]`. */
export interface LabelValues {
  readonly rows: Uint32Array;
  readonly data: Uint32Array;
}

export interface Labels {
  readonly count: number;
  /** label of the parent; label 0 is the root and its own parent */
  parent(label: number): number;
  kind(label: number): Kind;
  /** name id; instructions have their target as local name */
  name(label: number): number;
  depth(label: number): number;
  firstChild(label: number): number;
  /** next label with the same parent; 0 = none */
  nextSibling(label: number): number;
  /** rows ever appended under this label, dead ones included */
  rowCount(label: number): number;
  /** the label's rows in ascending order, as runs of a few hundred to a few thousand */
  runs(label: number): Iterable<Uint32Array>;
  /** the same runs with the rows' data beside them: a label's values, to be read in one sweep */
  values(label: number): Iterable<LabelValues>;
  /** is this /resource/scope (any prefix)? its rows are subject to the caller's view */
  isScope(label: number): boolean;
}

export interface Names {
  readonly count: number;
  prefix(name: number): string;
  ns(name: number): string;
  local(name: number): string;
}

export interface Strings {
  readonly count: number;
  text(id: number): string;
  /** UTF-8 length */
  byteLength(id: number): number;
  /** XPath number() of the string (§4.4), memoised */
  number(id: number): number;
  /** id of an interned string, or -1 */
  find(text: string): number;
  /** does string `id` contain the UTF-8 bytes of the needle? Long strings have substring signatures, so most are ruled out unread. */
  matcher(kind: 'contains' | 'starts-with' | 'ends-with', needle: string): (id: number) => boolean;
}

export interface Postings {
  /** the newest row with this label and string, or 0; follow `rows.link` for the older ones (descending rows) */
  head(label: number, string: number): number;
  /** how many rows the chain has, dead ones included */
  count(label: number, string: number): number;
}

export interface Slots {
  readonly count: number;
  /** root element row */
  row(slot: number): number;
  /** revision at which this version became visible / stopped being visible (0xFFFFFFFF: still is) */
  born(slot: number): number;
  died(slot: number): number;
  /** publication order: increasing, not dense; up to 2^53 */
  ordinal(slot: number): number;
  id(slot: number): string;
  /** ms since the epoch: when the id was first published, when this version was */
  createdAt(slot: number): number;
  modifiedAt(slot: number): number;
  /** policy data of this version, as JSON text (`parseMeta`); '' = none */
  meta(slot: number): string;
  /** the slot of the resource with this id open at `revision`, or -1 */
  find(id: string, revision: number): number;
  /** the next resource with the same id, open at `revision`, or -1: scopes that do not see each other may use an id for different resources */
  twin(slot: number, revision: number): number;
}

export interface Columns {
  readonly rows: Rows;
  readonly labels: Labels;
  readonly names: Names;
  readonly strings: Strings;
  readonly postings: Postings;
  readonly slots: Slots;
  /** the last revision applied */
  readonly revision: number;
  /** the oldest revision a view may have: compaction forgets the versions closed before it */
  readonly base: number;
  /** no slot has been closed since the last compaction: every row is alive */
  readonly allAlive: boolean;
  /** row order is publication order: nothing was replaced since the last compaction */
  readonly orderIsRowOrder: boolean;
  /** slot of any row: climbs to the resource's root element. -1 for row 0. */
  slotOf(row: number): number;
  /** string id → row of the element with that ID: plain documents whose DTD types attributes as ID. Empty in a directory, where `slots.find` knows ids. */
  readonly elementIds: ReadonlyMap<number, number>;
}

/**
 * What one caller may see at one revision. Rows pass it where they enter a plan; a resource outside it does not exist.
 * `everything` callers see all live slots; others see the slots whose bit is set, and of `scope` elements only those in `scopes`.
 */
export interface View {
  readonly columns: Columns;
  readonly revision: number;
  /** bit per slot the caller may see; a slot is visible when its bit is set AND it is alive at `revision`. undefined = every slot alive at `revision` */
  readonly slots?: Uint32Array;
  /** string ids of the scopes the caller operates in; undefined = all scope elements are shown */
  readonly scopes?: ReadonlySet<number>;
}
