import { expect, test } from "vitest";
import { startTestApp } from "../support/test-app.js";

test("a database that a newer version has changed is refused, and stays as it is", async () => {
  const newer = await startTestApp();
  const list = "select name from mikro_orm_migrations order by name";
  const { em } = newer.database;
  await em.getConnection().execute("insert into mikro_orm_migrations (name) values ('2999-01-01-later')");
  const before = await em.getConnection().execute(list);
  const older = startTestApp({ env: { DATABASE_URL: newer.databaseUrl } });
  await expect(older).rejects.toThrow(/DATABASE_URL: .*newer version of wxpass/);
  expect(await em.getConnection().execute(list)).toEqual(before);
  expect((await newer.client.login("alice")).outcome).toBe("ok");
});
