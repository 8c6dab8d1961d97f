/**
 * discovery/columns/: where do the nodes stand, and what is known of them without looking? Resources and documents, shredded
 * into typed arrays. Knows no XPath, no files, no threads: it gives handles and bytes for those who do.
 */

export { createAppender, type DocumentAppender } from './append.js';
export { applyCommit, ordinalOf, publish, putResource, putResources, type ResourceMeta, removeResource } from './apply.js';
export { type ColumnsOptions, createColumns } from './columns.js';
export { type Compaction, deadFraction, startCompaction } from './compact.js';
export * from './contract.js';
export { createOutput, type XmlOutput } from './output.js';
export { type Restored, restoreColumns, type SnapshotReader } from './restore.js';
export { serializeNode, serializeNodeText, writeNode } from './serialize.js';
export { type AttachedColumns, attachColumns, type SharedColumns, shareColumns } from './share.js';
export { type SnapshotHeader, type SnapshotPart, snapshotParts } from './snapshot.js';
export { rowVisible, showsEverything, slotVisible } from './visibility.js';
