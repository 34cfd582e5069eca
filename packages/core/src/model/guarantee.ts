/**
 * What a job promises of each record's effect on its output, whatever fails on the way:
 * `exactly-once`; `at-least-once`: none is lost, some may be repeated; `at-most-once`: none is repeated, some may be lost.
 */
export type Guarantee = 'exactly-once' | 'at-least-once' | 'at-most-once';
