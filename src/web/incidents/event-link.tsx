/** The way to one event. */
import { pathTo } from '../routes.ts';

export function EventLink({ event: { position } }: { readonly event: { readonly position: string } }) {
  return (
    <a class="mono" href={pathTo('/events/:position', { position })}>
      <span class="unseen">Event </span>
      {position}
    </a>
  );
}
