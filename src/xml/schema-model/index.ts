/** xml/schema-model/: what does a schema say? For those who explain it, compare it or make types of it. */
export { compareSchemas, type SchemaChange } from './compare.js';
export { explainInterface } from './explain.js';
export * from './model.js';
export { readSchemaModel } from './read-schema.js';
export { type Child, type SchemaModels, schemaModels, typeName } from './schema-models.js';
