import { User } from "wxpass";
import { Entity, ManyToOne, PrimaryKey, Property } from "wxpass/mikro-orm";
import { Field, ID, Int, ObjectType } from "wxpass/type-graphql";

/** What somebody has ordered: a row of `orders`, and the type `Order` of the API. It goes with its user. */
@ObjectType({ description: "An order. 订单。" })
@Entity({ tableName: "orders" })
export class Order {
  @Field(() => ID)
  @PrimaryKey({ type: "text" })
  id!: string;

  @ManyToOne(() => User, { deleteRule: "cascade", index: true })
  user!: User;

  @Field(() => String)
  @Property({ type: "text" })
  product!: string;

  @Field(() => Int, { description: "How many. 数量。" })
  @Property({ type: "integer" })
  quantity!: number;

  @Field(() => Date, { description: "When it was paid; null until then. 付款时间。", nullable: true })
  @Property({ type: "datetime", length: 3, nullable: true })
  paidAt: Date | null = null;

  @Field(() => Date)
  @Property({ type: "datetime", length: 3 })
  createdAt!: Date;
}
