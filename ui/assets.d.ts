// Vite turns an import of a style sheet into a file beside the script; nothing is imported from it.
declare module "*.css" {}
