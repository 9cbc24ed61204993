export * from "./wxpass";
