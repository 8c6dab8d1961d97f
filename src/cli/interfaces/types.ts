import type { Session } from '../session.js';
export async function typesOf(_session: Session, _names: readonly string[]): Promise<string> {
  return '';
}
