import { serve } from "wxpass";
import { shop } from "./shop.js";

await serve(shop);
