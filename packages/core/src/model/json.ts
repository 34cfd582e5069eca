/** What JSON can hold; used for positions and for everything that goes into a manifest. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };
