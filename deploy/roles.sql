-- The role under which replicas serve: it may read what the owner of the database makes, and nothing else.
-- psql runs this as the owner, before the first migration; SERVING_PASSWORD is in its environment.
\set ON_ERROR_STOP on
\getenv serving_password SERVING_PASSWORD

CREATE ROLE taxonomy_serving LOGIN PASSWORD :'serving_password';
REVOKE ALL ON DATABASE :"DBNAME" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"DBNAME" TO taxonomy_serving;
GRANT USAGE ON SCHEMA public TO taxonomy_serving;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO taxonomy_serving;
