import { REDIS_DATABASE } from "#shared/modules/variables.ts";
import type { Some } from "./context.ts";

const create: Some<"redis.user-create">["redis.user-create"] = (
  { redis, secrets, command },
  { instance, user, secret },
) =>
  redis.create({
    user,
    password: secrets.reveal(instance, secret),
    database: secrets.number(instance, REDIS_DATABASE),
    createdBy: command,
  });

export const redis: Some<"redis.user-create" | "redis.password" | "redis.user-remove"> = {
  "redis.user-create": create,
  "redis.password": (context, step) => create(context, { ...step, kind: "redis.user-create" }),
  "redis.user-remove": ({ redis, secrets }, { instance, user }) => {
    const isNumbered = secrets.names()[instance]?.includes(REDIS_DATABASE) ?? false;
    return redis.remove({ user, database: isNumbered ? secrets.number(instance, REDIS_DATABASE) : undefined });
  },
};
