import { Migration } from "@mikro-orm/migrations";

export class Accounts extends Migration {
  override up(): void {
    this.addSql(`create table users (
      id text not null primary key,
      nickname text null,
      nickname_folded text check ((nickname is null) = (nickname_folded is null)) null,
      email text null,
      birthday date null,
      gender text check (gender in ('MALE', 'FEMALE')) null,
      address text null,
      signature text null,
      phone text null,
      avatar text null,
      disabled_at datetime null,
      last_sign_in_on date null,
      created_at datetime not null,
      updated_at datetime not null
    )`);
    this.addSql("create unique index users_phone_unique on users (phone)");
    this.addSql("create unique index users_avatar_unique on users (avatar)");
    this.addSql(
      "create index users_nickname_folded_index on users (nickname_folded, id) where nickname_folded is not null",
    );
    this.addSql("create index users_disabled_index on users (id) where disabled_at is not null");
    this.addSql("create index users_last_sign_in_on_index on users (last_sign_in_on, id)");
    this.addSql("create index users_email_index on users (lower(email), id) where email is not null");
    this.addSql("create index users_id_end_index on users (substr(cast(id as text), 33))");
    this.addSql(`create table unused_files (
      name text not null primary key,
      remove_after datetime not null
    )`);
    this.addSql("create index unused_files_remove_after_index on unused_files (remove_after)");
    // Whatever ends the use of an avatar, its file is known to be left over in the same moment. 0 is long ago: at once.
    this.addSql(`create trigger users_avatar_changed after update of avatar on users
      when old.avatar is not new.avatar
      begin
        insert into unused_files (name, remove_after) select old.avatar, 0 where old.avatar is not null
          on conflict (name) do update set remove_after = 0;
        delete from unused_files where name = new.avatar;
      end`);
    this.addSql(`create trigger users_avatar_left after delete on users
      when old.avatar is not null
      begin
        insert into unused_files (name, remove_after) values (old.avatar, 0)
          on conflict (name) do update set remove_after = 0;
      end`);
    this.addSql(`create table identities (
      openid text not null,
      app_id text not null,
      user_id text not null,
      created_at datetime not null,
      primary key (openid, app_id),
      constraint identities_user_id_foreign foreign key (user_id) references users (id) on delete cascade
    )`);
    this.addSql("create unique index identities_app_id_user_id_unique on identities (app_id, user_id)");
    this.addSql("create index identities_user_id_index on identities (user_id)");
    this.addSql(`create table unionids (
      unionid text not null primary key,
      user_id text not null,
      constraint unionids_user_id_foreign foreign key (user_id) references users (id) on delete cascade
    )`);
    this.addSql("create index unionids_user_id_index on unionids (user_id)");
    this.addSql(`create table sessions (
      id text not null primary key,
      user_id text not null,
      app_id text not null,
      device text null,
      generation integer not null,
      key_id text not null,
      key_changed_at datetime null,
      access_key_id text not null,
      access_key_changed_at datetime null,
      created_at datetime not null,
      last_used_at datetime not null,
      expires_at datetime not null,
      end_reason text null,
      constraint sessions_user_id_foreign foreign key (user_id) references users (id) on delete cascade
    )`);
    this.addSql("create index sessions_user_id_index on sessions (user_id)");
    this.addSql("create index sessions_expires_at_index on sessions (expires_at)");
    this.addSql(`create table avatar_checks (
      trace_id text not null primary key,
      user_id text null,
      avatar text null,
      suggest text null,
      label integer null,
      created_at datetime not null,
      constraint avatar_checks_user_id_foreign foreign key (user_id) references users (id) on delete cascade
    )`);
    this.addSql("create index avatar_checks_user_id_index on avatar_checks (user_id)");
    this.addSql("create index avatar_checks_created_at_index on avatar_checks (created_at)");
    this.addSql(`create table handled_pushes (
      id text not null primary key,
      handled_at datetime not null
    )`);
    this.addSql("create index handled_pushes_handled_at_index on handled_pushes (handled_at)");
    this.addSql(`create table push_addresses (
      id text not null primary key,
      body text not null,
      used_at datetime not null
    )`);
    this.addSql("create index push_addresses_used_at_index on push_addresses (used_at)");
    this.addSql(`create table operators (
      name text not null primary key,
      link_hash text null,
      link_expires_at datetime null,
      created_at datetime not null
    )`);
    this.addSql("create unique index operators_link_hash_unique on operators (link_hash)");
    this.addSql(`create table operator_sessions (
      token_hash text not null primary key,
      operator_name text not null,
      expires_at datetime not null,
      constraint operator_sessions_operator_name_foreign foreign key (operator_name)
        references operators (name) on delete cascade
    )`);
    this.addSql("create index operator_sessions_operator_name_index on operator_sessions (operator_name)");
    this.addSql("create index operator_sessions_expires_at_index on operator_sessions (expires_at)");
    // No foreign key: a line outlives the user. Without rowid, rows are deleted in the order of their ids.
    this.addSql(`create table audit_entries (
      id text not null primary key,
      acted_at datetime not null,
      actor text not null,
      origin text not null,
      address text null,
      act text not null,
      user_id text null,
      detail text null
    ) without rowid`);
    for (const column of ["user_id", "actor", "act"]) {
      this.addSql(`create index audit_entries_${column}_id_index on audit_entries (${column}, id)`);
    }
    // Only the oldest line may go. What replaces a line fires no trigger of a deletion, hence the one of an insertion.
    const refusals = {
      changed: "before update on audit_entries",
      replaced: "before insert on audit_entries when exists (select 1 from audit_entries where id = new.id)",
      deleted: "before delete on audit_entries when exists (select 1 from audit_entries where id < old.id)",
    };
    for (const [name, when] of Object.entries(refusals)) {
      this.addSql(`create trigger audit_entries_${name} ${when}
        begin select raise(abort, 'the audit log is only ever added to'); end`);
    }
    // So that nobody has to go through all rows to count them.
    this.addSql(`create table row_counts (
      name text not null primary key,
      rows integer not null
    ) without rowid`);
    for (const table of ["users", "sessions"]) {
      this.addSql(`insert into row_counts (name, rows) values ('${table}', 0)`);
      this.addSql(`create trigger ${table}_counted after insert on ${table}
        begin update row_counts set rows = rows + 1 where name = '${table}'; end`);
      this.addSql(`create trigger ${table}_discounted after delete on ${table}
        begin update row_counts set rows = rows - 1 where name = '${table}'; end`);
    }
    // What is told to a receiver of webhooks, written by triggers with the change itself, and only while the switch is on. No foreign
    // key: the end of a user has to be told when the user is gone.
    this.addSql("create table outbox_switch (is_on integer not null)");
    this.addSql("insert into outbox_switch (is_on) values (0)");
    this.addSql(`create table outbox (
      seq integer not null primary key autoincrement,
      id text not null,
      type text not null,
      user_id text not null,
      data text not null,
      occurred_at datetime not null,
      state text not null,
      tries integer not null,
      due_at datetime not null,
      last_answer text null
    )`);
    this.addSql("create unique index outbox_id_unique on outbox (id)");
    this.addSql("create index outbox_occurred_at_index on outbox (occurred_at)");
    this.addSql("create index outbox_due_at_index on outbox (due_at, seq) where state = 'pending'");
    this.addSql("create index outbox_user_id_index on outbox (user_id, seq) where state = 'pending'");
    const fields = ["nickname", "email", "birthday", "gender", "address", "signature", "avatar"];
    const changed = fields.map((field) => `old.${field} is not new.${field}`);
    const names = fields.map(
      (field, index) => `case when ${changed[index]} then '${field === "avatar" ? "avatarUrl" : field}' end`,
    );
    const changedNames = `(select json_group_array(value) from json_each(json_array(${names})) where value is not null)`;
    const tell = (name: string, when: string, condition: string, type: string, userId: string, data: string) =>
      this.addSql(`create trigger ${name} after ${when}
        when (${condition}) and exists (select 1 from outbox_switch where is_on = 1)
        begin
          insert into outbox (id, type, user_id, data, occurred_at, state, tries, due_at)
            values (lower(hex(randomblob(16))), ${type}, ${userId}, ${data},
              cast(unixepoch('subsec') * 1000 as integer), 'pending', 0, 0);
        end`);
    const ofSession = (row: string) => `'sessionId', ${row}.id, 'appId', ${row}.app_id`;
    // With its first identity a user is made.
    tell(
      "identities_told",
      "insert on identities",
      "true",
      `case when exists (select 1 from identities where user_id = new.user_id and app_id <> new.app_id)
        then 'identity.linked' else 'user.created' end`,
      "new.user_id",
      "json_object('appId', new.app_id)",
    );
    tell(
      "users_change_told",
      `update of ${fields} on users`,
      changed.join(" or "),
      "'user.updated'",
      "new.id",
      `json_object('fields', ${changedNames})`,
    );
    tell(
      "users_phone_told",
      "update of phone on users",
      "old.phone is not new.phone",
      "case when new.phone is null then 'phone.unbound' else 'phone.bound' end",
      "new.id",
      "'{}'",
    );
    tell(
      "users_standing_told",
      "update of disabled_at on users",
      "(old.disabled_at is null) <> (new.disabled_at is null)",
      "case when new.disabled_at is null then 'user.enabled' else 'user.disabled' end",
      "new.id",
      "'{}'",
    );
    tell("users_end_told", "delete on users", "true", "'user.deleted'", "old.id", "'{}'");
    tell(
      "sessions_told",
      "insert on sessions",
      "true",
      "'session.created'",
      "new.user_id",
      `json_object(${ofSession("new")})`,
    );
    // What goes with its user is not told.
    tell(
      "sessions_end_told",
      "delete on sessions",
      "exists (select 1 from users where id = old.user_id)",
      "'session.ended'",
      "old.user_id",
      `json_object(${ofSession("old")}, 'reason', coalesce(old.end_reason, 'revoked'))`,
    );
    // A session ends by getting the reason, which the trigger of its deletion tells.
    this.addSql(`create trigger sessions_ended after update of end_reason on sessions when new.end_reason is not null
      begin delete from sessions where id = new.id; end`);
  }
}
