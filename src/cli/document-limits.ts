import type { DocumentLimits } from '../model/index.js';
import type { Settings } from './config/settings.js';

/** The bounds on a document that the settings ask for. */
export function documentLimits(settings: Settings): DocumentLimits {
  return { bytes: settings['max-bytes'], depth: settings['max-depth'], elements: settings['max-elements'] };
}
