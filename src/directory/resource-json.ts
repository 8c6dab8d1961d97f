/** The JSON form of resources, for the doors. */
export { type ResourceJson, resourceFromJson, resourceJson } from '../xml/index.js';
