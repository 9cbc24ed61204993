import { IsolationLevel } from "@mikro-orm/core";
import type { SqlEntityManager } from "@mikro-orm/sql";
import { Identity, Unionid } from "../auth/identity.js";
import { Session } from "../auth/session.js";
import { AvatarCheck } from "../avatar/avatar-check.js";
import type { Context } from "../context.js";
import { emWithin, ownDataOf } from "../user/own-data.js";
import { User } from "../user/user.js";

/** Everything that is held about a user. docs/api.md shows it: names may be added, never renamed. The name of an avatar's check is left
 * out on purpose: whoever knows it can forge the verdict. */
export type UserExport = NonNullable<Awaited<ReturnType<typeof exportUser>>>;

/** Rows that the ORM doesn't keep track of: what it tracks it may write when the transaction ends. */
const untracked = { disableIdentityMap: true } as const;

/**
 * Collects everything that is held about a user, as of one moment and ready for JSON; undefined if there is none. It writes nothing.
 * `withOwn: false` leaves out what an own back end holds.
 */
export async function exportUser(
  { em, avatarStore, now }: Pick<Context, "em" | "avatarStore" | "now">,
  userId: string,
  { withOwn = true }: { withOwn?: boolean } = {},
) {
  return em.fork().transactional(
    async (snapshot) => {
      const user = await snapshot.findOne(User, userId, untracked);
      if (!user) return undefined;
      const of = { user: userId };
      const byAge = { createdAt: "asc" } as const;
      const identities = await snapshot.find(Identity, of, { ...untracked, orderBy: { ...byAge, appId: "asc" } });
      const unionids = await snapshot.find(Unionid, of, { ...untracked, orderBy: { unionid: "asc" } });
      const sessions = await snapshot.find(Session, of, { ...untracked, orderBy: { ...byAge, id: "asc" } });
      const checks = await snapshot.find(AvatarCheck, of, { ...untracked, orderBy: byAge });
      return {
        exportedAt: now().toISOString(),
        account: accountOf(user),
        profile: { ...profileOf(user), avatarUrl: user.avatar && avatarStore.url(user.avatar) },
        identities: identities.map(identityOf),
        unionids: unionids.map(({ unionid }) => unionid),
        sessions: sessions.map(sessionOf),
        avatarChecks: checks.map(avatarCheckOf),
        ...(withOwn && (await exportOwn(snapshot, userId))),
      };
    },
    { isolationLevel: IsolationLevel.REPEATABLE_READ, readOnly: true },
  );
}

/** What an own back end holds about the user. */
async function exportOwn(snapshot: SqlEntityManager, userId: string): Promise<object> {
  const own: Record<string, unknown> = {};
  for (const [name, exportRows] of Object.entries(ownDataOf(snapshot).exportUser)) {
    own[name] = await exportRows(emWithin(snapshot), userId);
  }
  return own;
}

const accountOf = ({ id, createdAt, updatedAt, disabledAt, lastSignInOn }: User) => ({
  id,
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
  disabledAt: disabledAt?.toISOString() ?? null,
  lastSignInOn,
});

const profileOf = ({ nickname, email, phone, birthday, gender, address, signature }: User) => ({
  nickname,
  email,
  phone,
  birthday,
  gender,
  address,
  signature,
});

const identityOf = ({ appId, openid, createdAt }: Identity) => ({ appId, openid, createdAt: createdAt.toISOString() });

const sessionOf = ({ id, appId, device, createdAt, lastUsedAt, expiresAt }: Session) => ({
  id,
  appId,
  device,
  createdAt: createdAt.toISOString(),
  lastUsedAt: lastUsedAt.toISOString(),
  expiresAt: expiresAt.toISOString(),
});

const avatarCheckOf = ({ avatar, createdAt }: AvatarCheck) => ({
  avatar,
  createdAt: createdAt.toISOString(),
});
