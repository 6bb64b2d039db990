import { z } from "zod";

export const CartSchema = z.object({ items: z.array(z.object({ name: z.string(), price: z.number() })) });
export type Cart = z.infer<typeof CartSchema>;

export enum Rounding {
  Down,
  Up,
}

export function priceOf({ items }: Cart, rounding: Rounding = Rounding.Up): number {
  const sum = items.reduce((all, { price }) => all + price, 0);
  return rounding === Rounding.Up ? Math.ceil(sum) : Math.floor(sum);
}
