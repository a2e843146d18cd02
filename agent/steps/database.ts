import type { Some } from "./context.ts";

const create: Some<"database.create">["database.create"] = (
  { postgres, secrets, command },
  { instance, database, secret },
) => postgres.create({ database, password: secrets.reveal(instance, secret), createdBy: command });

export const database: Some<"database.create" | "database.password" | "database.drop"> = {
  "database.create": create,
  "database.password": (context, step) => create(context, { ...step, kind: "database.create" }),
  "database.drop": ({ postgres }, { database }) => postgres.drop(database),
};
