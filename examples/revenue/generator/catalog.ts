import type { Random } from './random.ts';

/** What the shop sells: the category as it stands in the JSON line, quotes included, and its price range. */
interface Department {
  readonly json: string;
  /** The same category written another way, as other producers' JSON libraries would. */
  readonly escaped: string;
  readonly centsMin: number;
  readonly centsSpan: number;
  /** Share of the orders, per mille. */
  readonly share: number;
}

const DEPARTMENTS: readonly Department[] = [
  department('books', 499, 4_500, 220),
  department('groceries', 99, 12_000, 200),
  department('electronics', 1_999, 180_000, 150),
  department('toys', 599, 9_000, 110),
  department('garden', 799, 30_000, 90),
  department('home & kitchen', 899, 45_000, 80),
  department('Bücher', 499, 4_000, 60),
  department('玩具', 699, 8_000, 40),
  department('thé "vert"', 350, 3_000, 30),
  department('gifts 🎁', 1_000, 25_000, 20),
];

const BY_PER_MILLE: readonly Department[] = DEPARTMENTS.flatMap((entry) =>
  Array.from<Department>({ length: entry.share }).fill(entry),
);

/** A department, the better selling ones more often. */
export function pickDepartment(random: Random): Department {
  return random.pick(BY_PER_MILLE);
}

function department(name: string, centsMin: number, centsSpan: number, share: number): Department {
  const json = JSON.stringify(name);
  return { json, escaped: `"${escapeAll(name)}"`, centsMin, centsSpan, share };
}

/** Everything that may be written as `\uXXXX`: what is not ASCII, quotes, and the first letter. */
function escapeAll(text: string): string {
  let escaped = '';
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    const plain = at > 0 && unit < 0x7f && unit !== 0x22 && unit !== 0x5c;
    escaped += plain ? text.charAt(at) : `\\u${unit.toString(16).padStart(4, '0')}`;
  }
  return escaped;
}
