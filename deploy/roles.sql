-- Creates the role of the replicas, which may only read the tables that the database's owner creates.
-- Run it with psql as the owner, before the first migration, with SERVING_PASSWORD in the environment.
\set ON_ERROR_STOP on
\getenv serving_password SERVING_PASSWORD

CREATE ROLE taxonomy_serving LOGIN PASSWORD :'serving_password';
REVOKE ALL ON DATABASE :"DBNAME" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"DBNAME" TO taxonomy_serving;
GRANT USAGE ON SCHEMA public TO taxonomy_serving;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO taxonomy_serving;
