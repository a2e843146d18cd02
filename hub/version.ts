/** Version of this hub, as it tells it at `GET /api/hub`. A test keeps it equal to `package.json`. */
export const hubVersion = "0.1.0";
