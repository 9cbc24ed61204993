import { Entity, PrimaryKey } from "@mikro-orm/decorators/legacy";
import { Ctx, FieldResolver, Mutation, Query, Resolver } from "type-graphql";
import { expect, test } from "vitest";
import { z } from "zod";
import type { Context } from "../../src/context.js";
import { migrations as ours } from "../../src/database/migrations/migrations.js";
import { User } from "../../src/user/user.js";
import { admin } from "../support/admin.js";
import { newDatabase } from "../support/database.js";
import { migrationsOf, notes } from "../support/notes.js";
import { startTestApp } from "../support/test-app.js";

@Resolver(() => User)
class Impostor {
  @Mutation(() => Boolean)
  deleteAccount(): boolean {
    return true;
  }

  @Query(() => String, { name: "me" })
  somebody(): string {
    return "somebody else";
  }

  @Query(() => String)
  weather(): string {
    return "fine";
  }

  @FieldResolver(() => String)
  nickname(): string {
    return "nobody";
  }

  @FieldResolver(() => String)
  shoeSize(): string {
    return "42";
  }
}

@Resolver()
class Forecast {
  @Query(() => String)
  weather(): string {
    return "rain";
  }
}

test("a field named like one of ours, or like another own one, doesn't take its place in silence", async () => {
  for (const _ of ["first", "second"]) {
    const fault = await startTestApp({ own: { resolvers: [Impostor, Forecast] } }).then(() => "", String);
    expect(fault).toMatch(/there are two of (?=.*Mutation\.deleteAccount)(?=.*Query\.me)(?=.*Query\.weather)/);
    expect(fault).toContain("User.nickname");
    expect(fault).not.toContain("shoeSize");
  }
});

const servers = () => process.getActiveResourcesInfo().filter((kind) => kind === "TCPServerWrap").length;

@Entity({ tableName: "broken" })
class Broken {
  @PrimaryKey({ type: "text" })
  id!: string;
}

test("when the start fails, nothing stays open", async () => {
  const env = { DATABASE_URL: await newDatabase() };
  const other = await startTestApp();
  const before = servers();
  const taken = { ...env, PORT: new URL(other.url).port };
  await expect(startTestApp({ env: taken, own: notes })).rejects.toThrow(/PORT/);
  const missing = { ...notes, entities: [...notes.entities, Broken], exportUser: { sessions: async () => [] } };
  await expect(startTestApp({ env, own: missing })).rejects.toThrow(/sessions/);
  await expect.poll(servers).toBe(before);
});

test("names of ours are refused, and all at once, and codes that aren't in capitals", async () => {
  const kind = { retry: "NEVER", zh: "别的", en: "other" } as const;
  const errors = { UNAUTHENTICATED: kind, "out of stock": kind, OUT_OF_STOCK: kind };
  const fault = await startTestApp({ own: { errors, settings: { PORT: z.string() } } }).then(() => "", String);
  expect(fault).toMatch(/PORT: wxpass has.*errors\.UNAUTHENTICATED: .*errors\.out of stock: must be in capitals/s);
  expect(fault).not.toContain("OUT_OF_STOCK:");
});

test("migrations of one name are refused: the second would never run", async () => {
  const name = String(ours.sqlite[0]?.name);
  await expect(startTestApp({ own: { migrations: migrationsOf(name) } })).rejects.toThrow(`the name ${name}`);
  const [one, two] = [migrationsOf("one").sqlite, migrationsOf("one").postgresql];
  const twice = { sqlite: [...one, ...two], postgresql: [...one, ...two] };
  await expect(startTestApp({ own: { migrations: twice } })).rejects.toThrow("the name one");
});

const by = (validate: (value: unknown) => Promise<never>) =>
  ({ "~standard": { version: 1, vendor: "test", validate } }) as const;

test("a schema that throws, or takes its time, is a fault, and no fault shows the value", async () => {
  const settings = {
    SLOW: by(async () => Promise.reject(new Error("secret-1"))),
    TELLING: z.string().refine(() => false, { error: ({ input }) => `got ${input}` }),
    FAILING: by((value) => {
      throw new Error(`it is ${value}`);
    }),
  };
  const env = { SLOW: "secret-1", TELLING: "secret-2", FAILING: "secret-3" };
  const fault = await startTestApp({ own: { settings }, env }).then(() => "", String);
  expect(fault).toMatch(/SLOW: .*TELLING: got ….*FAILING: its schema throws/s);
  expect(fault).not.toContain("secret");
});

@Resolver()
class Limited {
  @Mutation(() => Boolean)
  async limited(@Ctx() { limit }: Context): Promise<boolean> {
    await limit("ordr");
    return true;
  }
}

test("a limit that isn't there is a mistake also where limits are off", async () => {
  const app = await startTestApp({ own: { resolvers: [Limited], limits: { order: "1/1m,1/1m" } } });
  expect((await app.client.request("mutation { limited }")).outcome).toBe("INTERNAL_SERVER_ERROR");
  expect(JSON.stringify(app.logged)).toContain("there is no rate limit ordr");
});

test("the doctor reads the own settings and limits", async () => {
  const own = { settings: { SHOP_STOCK: z.coerce.number("must be a number") }, limits: { order: "many" } };
  const { output } = await admin(["doctor"], { env: { SHOP_STOCK: "many" }, own });
  expect(output).toMatch(/SHOP_STOCK: must be a number.*limits\.order/s);
});
