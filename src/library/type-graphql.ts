/** TypeGraphQL as wxpass has it: a process must have one copy of it, whatever a package manager makes of two. */
import "./check-node.js";

export * from "type-graphql";
