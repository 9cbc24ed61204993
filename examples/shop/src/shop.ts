import type { BackEnd } from "wxpass";
import { z } from "zod";
import { migrations } from "./migrations.js";
import { Order } from "./order.js";
import { OrderResolver } from "./order-resolver.js";

export const settings = {
  /** How many of a product one may order. */
  SHOP_STOCK: z.coerce.number().int().positive().default(10),
};

/** The shop: what it adds to wxpass. */
export const shop = {
  resolvers: [OrderResolver],
  entities: [Order],
  migrations,
  settings,
  exportUser: {
    orders: (em, user) => em.find(Order, { user }, { fields: ["product", "quantity", "paidAt", "createdAt"] }),
  },
  errors: {
    OUT_OF_STOCK: { retry: "NEVER", zh: "库存不足", en: "There isn't enough of it" },
    NO_SUCH_PRODUCT: { retry: "NEVER", zh: "没有这个商品", en: "There is no such product" },
    NO_SUCH_ORDER: { retry: "NEVER", zh: "没有这个订单", en: "There is no such order" },
  },
  limits: { order: "10/1m,600/1m" },
} satisfies BackEnd;
