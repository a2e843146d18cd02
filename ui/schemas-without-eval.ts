import { config } from "zod";

/**
 * The first import of each page, because zod asks for it when a schema is made: without this it tries to compile
 * schemas with `new Function`, which the pages' content policy forbids and reports.
 * Source: https://zod.dev/api?id=zobject (`jitless`)
 */
config({ jitless: true });
