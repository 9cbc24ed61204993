import { Migration } from "wxpass/mikro-orm";

class OrdersInSqlite extends Migration {
  override up(): void {
    this.addSql(`create table orders (
      id text not null primary key,
      user_id text not null,
      product text not null,
      quantity integer not null,
      paid_at datetime null,
      created_at datetime not null,
      constraint orders_user_id_foreign foreign key (user_id) references users (id) on delete cascade
    )`);
    this.addSql("create index orders_user_id_index on orders (user_id)");
  }
}

class OrdersInPostgresql extends Migration {
  override up(): void {
    this.addSql(`create table orders (
      id text not null primary key,
      user_id uuid not null,
      product text not null,
      quantity int not null,
      paid_at timestamptz(3) null,
      created_at timestamptz(3) not null,
      constraint orders_user_id_foreign foreign key (user_id) references users (id) on delete cascade
    )`);
    this.addSql("create index orders_user_id_index on orders (user_id)");
  }
}

export const migrations = {
  sqlite: [{ name: "2026-11-25-orders", class: OrdersInSqlite }],
  postgresql: [{ name: "2026-11-25-orders", class: OrdersInPostgresql }],
};
