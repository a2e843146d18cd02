import type { Some } from "./context.ts";

export const database: Some<"database.create" | "database.drop"> = {
  "database.create": ({ postgres, secrets, command }, { instance, database, secret }) =>
    postgres.create({ database, password: secrets.reveal(instance, secret), createdBy: command }),
  "database.drop": ({ postgres }, { database }) => postgres.drop(database),
};
