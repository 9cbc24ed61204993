import { randomUUID } from "node:crypto";
import type { ContextWith } from "wxpass";
import { Arg, Ctx, ID, Int, Mutation, Query, Resolver } from "wxpass/type-graphql";
import { Order } from "./order.js";
import type { settings } from "./shop.js";

type Context = ContextWith<typeof settings>;

@Resolver()
export class OrderResolver {
  @Query(() => [Order], { description: "The caller's orders, the newest first. 我的订单。" })
  async myOrders(@Ctx() { em, viewer }: Context): Promise<Order[]> {
    const { user } = await viewer();
    return em.find(Order, { user: user.id }, { orderBy: { createdAt: "desc", id: "desc" } });
  }

  @Mutation(() => Order, { description: "Orders something. 下单。" })
  async createOrder(
    @Arg("product", () => String) product: string,
    @Arg("quantity", () => Int, { defaultValue: 1 }) quantity: number,
    @Ctx() context: Context,
  ): Promise<Order> {
    const { em, now, settings } = context;
    const { user } = await context.viewer();
    await context.limit("order");
    if (!/^[^\p{C}]{1,100}$/u.test(product)) throw context.error("NO_SUCH_PRODUCT", { field: "product" });
    if (quantity < 1 || quantity > settings.SHOP_STOCK) throw context.error("OUT_OF_STOCK", { field: "quantity" });
    const order = { id: randomUUID(), user: user.id, product, quantity, paidAt: null, createdAt: now() };
    await em.insert(Order, order);
    return em.findOneOrFail(Order, order.id);
  }

  @Mutation(() => Order, { description: "Marks an order of the caller's as paid. 标记为已付款。" })
  async payOrder(@Arg("id", () => ID) id: string, @Ctx() context: Context): Promise<Order> {
    const { em, now } = context;
    const { user } = await context.viewer();
    if (!/^[\w-]{36}$/.test(id)) throw context.error("NO_SUCH_ORDER", { field: "id" });
    await em.nativeUpdate(Order, { id, user: user.id, paidAt: null }, { paidAt: now() });
    const order = await em.findOne(Order, { id, user: user.id });
    if (!order) throw context.error("NO_SUCH_ORDER", { field: "id" });
    return order;
  }
}
