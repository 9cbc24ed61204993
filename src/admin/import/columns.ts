/** What a file can say about a person. */
const fields = [
  "openid",
  "appId",
  "unionid",
  "nickname",
  "email",
  "phone",
  "birthday",
  "gender",
  "address",
  "signature",
  "createdAt",
  "isActive",
] as const;

/** One thing that a file can say about a person. */
export type ImportField = (typeof fields)[number];

/** A row of the file by our names; the values have yet to be checked. */
export type Row = Partial<Record<ImportField, unknown>>;

export const importFields: readonly ImportField[] = fields;

export const isImportField = (name: string): name is ImportField => fields.some((field) => field === name);

/** Names that other servers use, in the form that {@link plain} gives them. */
const usualNames: Partial<Record<ImportField, string[]>> = {
  openid: ["wxopenid", "wechatopenid"],
  appId: ["wxappid"],
  unionid: ["wxunionid", "wechatunionid"],
  nickname: ["nick"],
  email: ["mail"],
  phone: ["mobile", "mobilephone", "phonenumber", "tel", "telephone"],
  birthday: ["birthdate", "dateofbirth"],
  gender: ["sex"],
  signature: ["bio"],
  createdAt: ["datejoined", "createtime", "createdtime"],
};

const aliases = new Map(fields.flatMap((field) => (usualNames[field] ?? []).map((name) => [name, field] as const)));

/** Case and separators don't tell names apart: `openId`, `open_id` and `OPENID` are one. */
const plain = (name: string) => name.toLowerCase().replace(/[\s_-]/g, "");

const ownNames = new Map(fields.map((field) => [plain(field), field]));

/** Which column is which field. */
export interface Columns {
  /** The columns of which the operator has said what they are. */
  told: readonly string[];
  /** The field of each column; undefined for one that isn't used. */
  fieldsOf(names: readonly string[]): (ImportField | undefined)[];
  /** The columns seen so far that aren't used. */
  unused(): string[];
}

/** How many unused columns are remembered, and how many ways in which rows of JSON name theirs. */
const enough = 100;

/**
 * Makes out which column is which field: by what the operator says, else by our own name, else by a name that is usual
 * elsewhere. Of several columns for one field the one that is named best, and then the first, is used. An empty field says
 * that the column is not to be used.
 */
export function createColumns(told: ReadonlyMap<string, ImportField | undefined>): Columns {
  const known = new Map<string, (ImportField | undefined)[]>();
  const unused = new Set<string>();

  function rank(name: string): { field: ImportField | undefined; rank: number } {
    if (told.has(name)) return { field: told.get(name), rank: 3 };
    const own = ownNames.get(plain(name));
    return own ? { field: own, rank: 2 } : { field: aliases.get(plain(name)), rank: 1 };
  }

  function assign(names: readonly string[]): (ImportField | undefined)[] {
    const ranked = names.map(rank);
    const used = ranked.map(({ field, rank }, index) => {
      const isBest = ranked.every(
        (other, at) => other.field !== field || other.rank < rank || (other.rank === rank && at >= index),
      );
      return isBest ? field : undefined;
    });
    for (const [index, name] of names.entries()) {
      if (!used[index] && !told.has(name) && unused.size < enough) unused.add(name);
    }
    return used;
  }

  return {
    told: [...told.keys()],
    fieldsOf(names) {
      const key = names.join("\n");
      const assigned = known.get(key) ?? assign(names);
      if (known.size < enough) known.set(key, assigned);
      return assigned;
    },
    unused: () => [...unused],
  };
}

/** A row of these cells, by our names. */
export function rowOf(assigned: readonly (ImportField | undefined)[], cells: readonly unknown[]): Row {
  const row: Row = {};
  for (const [index, field] of assigned.entries()) if (field) row[field] = cells[index];
  return row;
}
