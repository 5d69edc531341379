"""Operations on the data of one person: find, export, erase, restrict; backups that forget what was erased since."""
