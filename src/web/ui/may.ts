/** What the reader may do, as the server says with the page; all of it where the page came from elsewhere (`npm run dev:web`). */

const ROLES = document.documentElement.dataset['roles']?.split(' ');

export type Role = 'read' | 'ingest' | 'operate' | 'admin';

export function may(role: Role): boolean {
  return ROLES?.includes(role) ?? true;
}
