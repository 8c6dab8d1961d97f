/** publish/: how does a directory come to hold what the delegates gave, and hold it as long as that is true? */
export { type Backoff, createBackoff, isAway, pauseAfter } from './backoff.js';
export { documentOf } from './document.js';
export { stay, withdraw } from './leave.js';
export { publishResource, type Written } from './publish-resource.js';
export { type Renewed, renewLeases } from './renew.js';
