/** Something that a process does outside of itself, and that may go wrong. */
export type Operation =
  | { readonly place: 'disk'; readonly name: string; readonly path: string; readonly step: string | undefined }
  | { readonly place: 'system'; readonly step: string };
