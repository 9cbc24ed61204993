import { Migration } from "@mikro-orm/migrations";

export class Accounts extends Migration {
  override up(): void {
    this.addSql(`create table users (
      id uuid not null primary key,
      nickname text null,
      nickname_folded text collate "C" null,
      email text null,
      birthday date null,
      gender text null constraint users_gender_check check (gender in ('MALE', 'FEMALE')),
      address text null,
      signature text null,
      phone text null,
      avatar text null,
      disabled_at timestamptz(3) null,
      last_sign_in_on date null,
      created_at timestamptz(3) not null,
      updated_at timestamptz(3) not null,
      constraint users_nickname_folded_check check ((nickname is null) = (nickname_folded is null)),
      constraint users_phone_unique unique (phone),
      constraint users_avatar_unique unique (avatar)
    )`);
    // The order of code points, by which a prefix is a range.
    this.addSql(
      "create index users_nickname_folded_index on users (nickname_folded, id) where nickname_folded is not null",
    );
    this.addSql("create index users_disabled_index on users (id) where disabled_at is not null");
    this.addSql("create index users_last_sign_in_on_index on users (last_sign_in_on, id)");
    this.addSql("create index users_email_index on users (lower(email), id) where email is not null");
    this.addSql("create index users_id_end_index on users (substr(cast(id as text), 33))");
    this.addSql(`create table unused_files (
      name text not null primary key,
      remove_after timestamptz(3) not null
    )`);
    this.addSql("create index unused_files_remove_after_index on unused_files (remove_after)");
    // Whatever ends the use of an avatar, its file is known to be left over in the same moment. The epoch is long ago: at once.
    this.addSql(`create function keep_unused_files() returns trigger language plpgsql as $$
      begin
        if old.avatar is not null and old.avatar is distinct from new.avatar then
          insert into unused_files (name, remove_after) values (old.avatar, 'epoch')
            on conflict (name) do update set remove_after = 'epoch';
        end if;
        delete from unused_files where name = new.avatar;
        return null;
      end $$`);
    this.addSql(`create trigger users_avatar_changed after update of avatar or delete on users
      for each row execute function keep_unused_files()`);
    this.addSql(`create table identities (
      openid text not null,
      app_id text not null,
      user_id uuid not null,
      created_at timestamptz(3) not null,
      primary key (openid, app_id),
      constraint identities_user_id_foreign foreign key (user_id) references users (id) on delete cascade
    )`);
    this.addSql("create unique index identities_app_id_user_id_unique on identities (app_id, user_id)");
    this.addSql("create index identities_user_id_index on identities (user_id)");
    this.addSql(`create table unionids (
      unionid text not null primary key,
      user_id uuid not null,
      constraint unionids_user_id_foreign foreign key (user_id) references users (id) on delete cascade
    )`);
    this.addSql("create index unionids_user_id_index on unionids (user_id)");
    this.addSql(`create table sessions (
      id uuid not null primary key,
      user_id uuid not null,
      app_id text not null,
      device text null,
      generation int not null,
      key_id text not null,
      key_changed_at timestamptz(3) null,
      access_key_id text not null,
      access_key_changed_at timestamptz(3) null,
      created_at timestamptz(3) not null,
      last_used_at timestamptz(3) not null,
      expires_at timestamptz(3) not null,
      end_reason text null,
      constraint sessions_user_id_foreign foreign key (user_id) references users (id) on delete cascade
    )`);
    this.addSql("create index sessions_user_id_index on sessions (user_id)");
    this.addSql("create index sessions_expires_at_index on sessions (expires_at)");
    this.addSql(`create table avatar_checks (
      trace_id text not null primary key,
      user_id uuid null,
      avatar text null,
      suggest text null,
      label integer null,
      created_at timestamptz(3) not null,
      constraint avatar_checks_user_id_foreign foreign key (user_id) references users (id) on delete cascade
    )`);
    this.addSql("create index avatar_checks_user_id_index on avatar_checks (user_id)");
    this.addSql("create index avatar_checks_created_at_index on avatar_checks (created_at)");
    this.addSql(`create table handled_pushes (
      id text not null primary key,
      handled_at timestamptz(3) not null
    )`);
    this.addSql("create index handled_pushes_handled_at_index on handled_pushes (handled_at)");
    this.addSql(`create table push_addresses (
      id text not null primary key,
      body text not null,
      used_at timestamptz(3) not null
    )`);
    this.addSql("create index push_addresses_used_at_index on push_addresses (used_at)");
    this.addSql(`create table operators (
      name text not null primary key,
      link_hash text null,
      link_expires_at timestamptz(3) null,
      created_at timestamptz(3) not null,
      constraint operators_link_hash_unique unique (link_hash)
    )`);
    this.addSql(`create table operator_sessions (
      token_hash text not null primary key,
      operator_name text not null,
      expires_at timestamptz(3) not null,
      constraint operator_sessions_operator_name_foreign foreign key (operator_name)
        references operators (name) on delete cascade
    )`);
    this.addSql("create index operator_sessions_operator_name_index on operator_sessions (operator_name)");
    this.addSql("create index operator_sessions_expires_at_index on operator_sessions (expires_at)");
    // No foreign key: a line outlives the user.
    this.addSql(`create table audit_entries (
      id uuid not null primary key,
      acted_at timestamptz(3) not null,
      actor text not null,
      origin text not null,
      address text null,
      act text not null,
      user_id uuid null,
      detail text null
    )`);
    for (const column of ["user_id", "actor", "act"]) {
      this.addSql(`create index audit_entries_${column}_id_index on audit_entries (${column}, id)`);
    }
    // Only the oldest lines may go. A trigger that fires after the statement sees all that it has deleted.
    this.addSql(`create function keep_audit_entries() returns trigger language plpgsql as $$
      begin
        if tg_op = 'DELETE' then
          if not exists (select 1 from audit_entries where id < old.id) then return null; end if;
        end if;
        raise exception 'the audit log is only ever added to';
      end $$`);
    this.addSql(`create trigger audit_entries_kept after update or delete on audit_entries
      for each row execute function keep_audit_entries()`);
    this.addSql(`create trigger audit_entries_not_emptied before truncate on audit_entries
      for each statement execute function keep_audit_entries()`);
    // Only here: on SQLite the one process counts in memory. Unlogged, since a crash may forget the counts.
    this.addSql(`create unlogged table rate_limits (
      key text not null primary key,
      points int not null,
      expire bigint not null
    )`);
    this.addSql("create index rate_limits_expire_index on rate_limits (expire)");
    // What is told to a receiver of webhooks, written by triggers with the change itself, and only while the switch is on. No foreign
    // key: the end of a user has to be told when the user is gone.
    this.addSql("create table outbox_switch (is_on integer not null)");
    this.addSql("insert into outbox_switch (is_on) values (0)");
    this.addSql(`create table outbox (
      seq bigserial primary key,
      id text not null,
      type text not null,
      user_id uuid not null,
      data text not null,
      occurred_at timestamptz(3) not null,
      state text not null,
      tries int not null,
      due_at timestamptz(3) not null,
      last_answer text null,
      constraint outbox_id_unique unique (id)
    )`);
    this.addSql("create index outbox_occurred_at_index on outbox (occurred_at)");
    this.addSql("create index outbox_due_at_index on outbox (due_at, seq) where state = 'pending'");
    this.addSql("create index outbox_user_id_index on outbox (user_id, seq) where state = 'pending'");
    this.addSql(`create function tell(event text, whom uuid, details json) returns void language sql as $$
      insert into outbox (id, type, user_id, data, occurred_at, state, tries, due_at)
        values (replace(gen_random_uuid()::text, '-', ''), event, whom, details::text, clock_timestamp(), 'pending', 0, 'epoch')
      $$`);
    // With its first identity a user is made.
    this.addSql(`create function tell_identity() returns trigger language plpgsql as $$
      begin
        if exists (select 1 from outbox_switch where is_on = 1) then
          perform tell(
            case when exists (select 1 from identities where user_id = new.user_id and app_id <> new.app_id)
              then 'identity.linked' else 'user.created' end,
            new.user_id, json_build_object('appId', new.app_id));
        end if;
        return null;
      end $$`);
    this.addSql(`create trigger identities_told after insert on identities
      for each row execute function tell_identity()`);
    const fields = ["nickname", "email", "birthday", "gender", "address", "signature", "avatar"];
    const names = fields.map(
      (field) =>
        `case when old.${field} is distinct from new.${field} then '${field === "avatar" ? "avatarUrl" : field}' end`,
    );
    this.addSql(`create function tell_user() returns trigger language plpgsql as $$
      declare
        changed text[];
      begin
        if not exists (select 1 from outbox_switch where is_on = 1) then return null; end if;
        if tg_op = 'DELETE' then
          perform tell('user.deleted', old.id, '{}');
          return null;
        end if;
        changed := array_remove(array[${names}], null);
        if cardinality(changed) > 0 then
          perform tell('user.updated', new.id, json_build_object('fields', array_to_json(changed)));
        end if;
        if old.phone is distinct from new.phone then
          perform tell(case when new.phone is null then 'phone.unbound' else 'phone.bound' end, new.id, '{}');
        end if;
        if (old.disabled_at is null) <> (new.disabled_at is null) then
          perform tell(case when new.disabled_at is null then 'user.enabled' else 'user.disabled' end, new.id, '{}');
        end if;
        return null;
      end $$`);
    this.addSql(`create trigger users_told after update of ${fields}, phone, disabled_at or delete on users
      for each row execute function tell_user()`);
    // What goes with its user is not told.
    this.addSql(`create function tell_session() returns trigger language plpgsql as $$
      begin
        if not exists (select 1 from outbox_switch where is_on = 1) then return null; end if;
        if tg_op = 'INSERT' then
          perform tell('session.created', new.user_id,
            json_build_object('sessionId', new.id, 'appId', new.app_id));
        elsif exists (select 1 from users where id = old.user_id) then
          perform tell('session.ended', old.user_id,
            json_build_object('sessionId', old.id, 'appId', old.app_id, 'reason', coalesce(old.end_reason, 'revoked')));
        end if;
        return null;
      end $$`);
    this.addSql(`create trigger sessions_told after insert or delete on sessions
      for each row execute function tell_session()`);
    // A session ends by getting the reason, which the trigger of its deletion tells.
    this.addSql(`create function end_session() returns trigger language plpgsql as $$
      begin
        delete from sessions where id = new.id;
        return null;
      end $$`);
    this.addSql(`create trigger sessions_ended after update of end_reason on sessions
      for each row when (new.end_reason is not null) execute function end_session()`);
  }
}
