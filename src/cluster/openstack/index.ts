/** How is an OpenStack site spoken to? Keystone, Heat and Glance over fetch. Knows nothing of the directory. */
export { type Cloud, openCloud, type ServiceType } from './cloud.js';
export { findLogin } from './clouds-yaml.js';
export { type Glance, type GlanceImage, glanceOf, type NewImage } from './glance.js';
export {
  type Heat,
  heatOf,
  type NewStack,
  type Stack,
  type StackChanges,
  type StackEvent,
  type StackOutput,
  type StackRef,
  type StackResource,
} from './heat.js';
export { type Login, readLogin, secretsOf } from './login.js';
export { SiteProblem } from './site-problem.js';
